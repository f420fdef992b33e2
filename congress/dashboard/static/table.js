// A table of rows, filtered and in pages.

import { html, useEffect } from "./preact.js";
import { ask, query } from "./api.js";
import { Turn, useFilter, usePages } from "./pages.js";
import { Empty, Loaded, useKept } from "./parts.js";

const SIZE = 100;

/**
 * The rows at `where`, filtered by the text that somebody types. `columns`: their names, null when unknown.
 * `act(row)`: what stands at the end of a row. `fresh`: rows, as JSON, that have just come. `turn`: another one has the page read again.
 */
export function RowsTable({ where, columns, act, fresh = new Set(), turn = 0, label }) {
  const pages = usePages();
  const { text, wanted, onInput } = useFilter(pages);
  const page = useKept((signal) => read(where, pages, wanted, signal), [where, pages.marker, wanted]);
  useEffect(() => { if (turn) page.reload(); }, [turn]);
  return html`<div class="stack tight">
    <div class="inline bar"><label class="grow">Filter<input type="search" placeholder="any cell contains …" value=${text} onInput=${onInput} /></label>
      ${page.data && html`<${Where} page=${page} pages=${pages} />`}</div>
    <${Loaded} state=${page}>${({ results }) => (results.length === 0
    ? html`<${Empty}>${wanted ? "No row has this text." : "The table has no rows."}<//>`
    : html`<${Grid} rows=${results.map((each) => each.data)} columns=${columns} act=${act} fresh=${fresh} label=${label} />`)}<//>
  </div>`;
}

/** A page with its number, which stays with it until the next one is there. */
async function read(where, { marker, number }, text, signal) {
  return { ...await ask(where + query({ limit: SIZE, marker, text }), { signal }), number };
}

export function Grid({ rows, columns, act, fresh = new Set(), label }) {
  const width = Math.max(...rows.map((row) => row.length));
  const names = Array.from({ length: width }, (_, place) => columns?.[place] || `column ${place}`);
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${label}><table>
    <thead><tr>${names.map((name) => html`<th>${name}</th>`)}${act && html`<th><span class="visually-hidden">What can be done</span></th>`}</tr></thead>
    <tbody>${rows.map((row) => {
    const key = JSON.stringify(row);
    return html`<tr key=${key} class=${fresh.has(key) ? "fresh" : null}>${names.map((_, place) => html`<td class="cell">${String(row[place] ?? "")}</td>`)}${act && html`<td class="number">${act(row)}</td>`}</tr>`;
  })}</tbody></table></div>`;
}

function Where({ page, pages }) {
  const { results, total, number } = page.data;
  const first = number * SIZE;
  const last = first + results.length;
  const of = total === undefined ? "" : ` of ${total.toLocaleString()}`;
  return html`<div class="row"><span class="small muted" role="status">${results.length ? `${(first + 1).toLocaleString()}–${last.toLocaleString()}` : "0"}${of}</span>
    <${Turn} pages=${pages} page=${page} /></div>`;
}
