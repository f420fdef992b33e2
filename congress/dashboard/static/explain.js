// Why a row is there, or is not, drawn as a tree of premises.

import { html, useState } from "./preact.js";
import { ask, path } from "./api.js";
import { useEvents } from "./live.js";
import { Badge, Card, Loaded, Page, useData, useSoon } from "./parts.js";
import { literal } from "./preview.js";
import { go, href } from "./router.js";
import { Derivation, Missing } from "./tree.js";

export function ExplainPage({ policy, table, parameters }) {
  const row = cells(parameters.row);
  const crumbs = [["Policies", ["policies"]], [policy, ["policies", policy]], [table, ["policies", policy, "rows", table]]];
  return html`<${Page} title=${row ? literal(table, row) : "Why is a row not there?"} crumbs=${crumbs} lead="What it follows from, down to the rows of the clouds.">
    ${row && html`<${Answer} key=${parameters.row} policy=${policy} table=${table} row=${row} />`}
    <${Ask} key=${`ask ${parameters.row}`} policy=${policy} table=${table} row=${row} />
  <//>`;
}

/** A row from the address, null when it is none. */
export function cells(text) {
  try {
    const row = JSON.parse(text);
    return Array.isArray(row) ? row : null;
  } catch {
    return null;
  }
}

function Answer({ policy, table, row }) {
  const state = useData((signal) => ask(path`/v1/policies/${policy}/tables/${table}/explain`, { verb: "POST", body: { row }, signal }), [policy, table]);
  const soon = useSoon(state.reload);
  useEvents((event) => (event.missed || event.policy === policy) && soon(), [soon, policy]);
  return html`<${Loaded} state=${state}>${(told) => html`
    <div class="row">${told.holds ? html`<${Badge} kind="bad" dot>holds now<//>` : html`<${Badge} kind="good" dot>does not hold now<//>`}
      ${told.holds && html`<a class="button" href=${href(["simulation"], { policy, query: question(table, row) })}>Simulate a repair</a>`}</div>
    ${told.holds ? html`<${Derivation} explanation=${told.explanation} policy=${policy} query=${question(table, row)} />` : html`<${Missing} absence=${told.absence} />`}
    <details><summary class="small muted">As text</summary><pre class="scroll" tabindex="0">${told.text}</pre></details>`}<//>`;
}

/** The table with a variable for each cell: what a simulation looks at. */
function question(table, row) {
  return `${table}(${row.map((_, place) => `x${place}`).join(", ")})`;
}

function Ask({ policy, table, row }) {
  const [text, setText] = useState(row ? JSON.stringify(row) : "");
  const [wrong, setWrong] = useState("");
  function submit(event) {
    event.preventDefault();
    const asked = cells(text) || (text.trim() && !text.trim().startsWith("[") ? text.split(",").map((cell) => number(cell.trim())) : null);
    if (!asked) return setWrong('Write the cells as a JSON list, such as ["vm-1", 3].');
    return go(["policies", policy, "explain", table], { row: JSON.stringify(asked) });
  }
  return html`<${Card} title="Ask about another row" level=${2}><form class="inline" onSubmit=${submit}>
    <label class="grow">Cells of ${table}<input class="mono" value=${text} onInput=${(event) => { setText(event.target.value); setWrong(""); }} placeholder=${'["vm-1", 3]'} /></label>
    <button>Explain</button>${wrong && html`<p class="note warn" role="alert">${wrong}</p>`}</form><//>`;
}

function number(text) {
  return text !== "" && String(Number(text)) === text ? Number(text) : text.replace(/^"(.*)"$/, "$1");
}

