// Light or dark: as the system says, or as somebody chose.

const KEY = "congress.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const CHOICES = ["auto", "light", "dark"];

export function chosen() {
  try {
    const kept = localStorage.getItem(KEY);
    return CHOICES.includes(kept) ? kept : "auto";
  } catch {
    return "auto";
  }
}

export function choose(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch { /* then it holds until the reload */ }
  apply(theme);
}

export function apply(theme = chosen()) {
  const shown = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
  document.documentElement.dataset.theme = shown;
}

dark.addEventListener("change", () => apply());
