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

/** The buttons that turn pages. `next`: the `next_marker` of the page that is shown. */
export function Turn({ pages, next, words: [back, on] = ["Previous", "Next"] }) {
  return html`<button type="button" disabled=${!pages.number} onClick=${pages.back}>${back}</button>
    <button type="button" disabled=${!next} onClick=${() => pages.on(next)}>${on}</button>`;
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
