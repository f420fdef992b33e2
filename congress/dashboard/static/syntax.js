// The words of the policy language: for the editor, and for rules that are only shown.

import { html } from "./preact.js";

const WORDS = [
  ["comment", /^(?:\/\/|#)[^\n]*/],
  ["text", /^[uUeE]?[rR]?(?:"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')/],
  ["number", /^(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/],
  ["keyword", /^(?::-|(?:not|NOT|execute|insert|delete)\b|!)/],
  ["word", /^[A-Za-z_][\w.]*(?::[A-Za-z_][\w.]*)?(?=\s*[+-]?\()/],
  ["name", /^[A-Za-z_][\w.]*/],
  ["space", /^\s+/],
];

/** The word that begins a text: [kind, its length]. */
function word(text) {
  for (const [kind, pattern] of WORDS) {
    const found = pattern.exec(text);
    if (found) return [kind, found[0].length];
  }
  return ["mark", 1];
}

export function words(text) {
  const found = [];
  for (let rest = text; rest;) {
    const [kind, length] = word(rest);
    found.push([kind, rest.slice(0, length)]);
    rest = rest.slice(length);
  }
  return found;
}

/** A rule in colours; its text stays text. */
export function Rule({ text }) {
  return html`<pre class="rule">${words(text).map(([kind, part]) => html`<span class=${`t-${kind}`}>${part}</span>`)}</pre>`;
}

/** For CodeMirror's StreamLanguage. Strings and comments over several lines are remembered in `state.until`. */
export const language = {
  startState: () => ({ until: null }),
  token(stream, state) {
    if (state.until) {
      const isComment = state.until === "*/";
      if (stream.skipTo(state.until)) {
        stream.match(state.until);
        state.until = null;
      } else stream.skipToEnd();
      return isComment ? "comment" : "string";
    }
    if (stream.eatSpace()) return null;
    const rest = stream.string.slice(stream.pos);
    const opened = /^(?:\/\*|[uU]?[rR]?(?:"""|'''))/.exec(rest);
    if (opened) {
      state.until = opened[0] === "/*" ? "*/" : opened[0].slice(-3);
      stream.pos += opened[0].length;
      return state.until === "*/" ? "comment" : "string";
    }
    const [kind, length] = word(rest);
    stream.pos += length;
    return { text: "string", word: "variableName.function", keyword: "keyword", number: "number", comment: "comment", name: "variableName" }[kind] || null;
  },
};

/** The names of the head's variables, by which the columns of a policy's table can be called. */
export function headVariables(rule, table) {
  const head = rule.split(":-")[0].trim();
  if (!head.startsWith(`${table}(`) || !rule.includes(":-")) return null;
  const names = head.slice(table.length + 1).replace(/\)\s*$/, "").split(",").map((name) => name.trim());
  return names.every((name) => /^[A-Za-z_]\w*$/.test(name)) ? names : null;
}
