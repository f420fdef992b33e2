// Lists in pages. A page replaces the one before it, so that a tab never holds more than one.

import { html, useEffect, useState } from "./preact.js";

/** Which page of a list is shown: `marker` is what the API calls so, `number` counts from 0. */
export function usePages() {
  const [markers, setMarkers] = useState([]);
  return {
    marker: markers.at(-1),
    number: markers.length,
    begin: () => setMarkers([]),
    back: () => setMarkers(markers.slice(0, -1)),
    on: (marker) => setMarkers([...markers, marker]),
  };
}

/** The buttons that turn pages. `page`: the page that is shown, as `useKept` answers it. */
export function Turn({ pages, page, words: [back, on] = ["Previous", "Next"] }) {
  const next = page.data?.next_marker;
  // A button that is disabled while the page is read would lose the focus of whoever turns pages by key.
  return html`<button type="button" disabled=${!pages.number} onClick=${() => page.loading || pages.back()}>${back}</button>
    <button type="button" disabled=${!next} onClick=${() => page.loading || pages.on(next)}>${on}</button>`;
}

/** A text that somebody types, and the same when no key was hit for a moment: then the list begins anew. */
export function useFilter(pages) {
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState("");
  useEffect(() => {
    if (text.trim() === wanted) return undefined;
    const timer = setTimeout(() => { setWanted(text.trim()); pages.begin(); }, 200);
    return () => clearTimeout(timer);
  }, [text]);
  return { text, wanted, onInput: (event) => setText(event.target.value) };
}
