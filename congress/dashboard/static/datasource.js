// One datasource: its state and errors, its tables with their columns, their rows.

import { html, useState } from "./preact.js";
import { ask, path } from "./api.js";
import { sourceState } from "./datasources.js";
import { Badge, Card, Dialog, Empty, Field, Loaded, Page, Problem, toast, useData, useEvery, When } from "./parts.js";
import { go, href } from "./router.js";
import { RowsTable } from "./table.js";

async function read(name, signal) {
  const where = path`/v1/data-sources/${name}`;
  const [source, status, schema, actions] = await Promise.all([
    ask(where, { signal }),
    ask(`${where}/status`, { signal }).catch((error) => ({ error })),
    ask(`${where}/schema`, { signal }),
    ask(`${where}/actions`, { signal }).catch(() => ({ results: [] })),
  ]);
  return { source: { ...source, status }, tables: schema.tables, actions: actions.results };
}

export function DatasourcePage({ name, rest }) {
  const state = useData((signal) => read(name, signal), [name]);
  const [isEnding, setEnding] = useState(false);
  const [error, setError] = useState(null);
  const [tab = "tables", table] = rest;
  useEvery(6, state.reload);
  async function refresh() {
    try {
      await ask(path`/v1/data-sources/${name}` + "?action=request-refresh", { verb: "POST" });
      setError(null);
      toast("It is being read.");
      setTimeout(state.reload, 700);
    } catch (problem) {
      setError(problem);
    }
  }
  return html`<${Page} title=${name} lead=${state.data?.source.description} crumbs=${[["Datasources", ["datasources"]]]}
      actions=${html`<button type="button" onClick=${refresh}>Read now</button><button class="danger" type="button" onClick=${() => setEnding(true)}>Delete …</button>`}>
    <${Problem} error=${error} />
    <${Loaded} state=${state}>${(found) => html`
      <${State} source=${found.source} />
      <nav class="tabs" aria-label="Parts of the datasource">${[["tables", "Tables"], ["rows", "Rows"], ["actions", "Actions"]].map(([key, text]) => html`<a href=${href(["datasources", name, key])} aria-current=${key === tab ? "page" : null}>${text}</a>`)}</nav>
      ${tab === "rows" ? html`<${Rows} name=${name} tables=${found.tables} chosen=${table} />` : tab === "actions" ? html`<${Actions} actions=${found.actions} />` : html`<${Schema} name=${name} tables=${found.tables} />`}`}<//>
    ${isEnding && html`<${Ending} name=${name} onClose=${() => setEnding(false)} />`}
  <//>`;
}

function State({ source }) {
  const { kind, text, updated, error } = sourceState(source);
  const config = Object.entries(source.config || {});
  return html`<div class="columns"><${Card} title="State"><div class="stack tight"><dl class="facts"><dt>State</dt><dd><${Badge} kind=${kind} dot>${text}<//></dd><dt>Last read</dt><dd><${When} at=${updated} /></dd><dt>Driver</dt><dd>${source.driver}</dd></dl>
      ${error && html`<div class="note bad"><pre>${error}</pre></div>`}</div><//>
    <${Card} title="Configuration">${config.length ? html`<dl class="facts">${config.map(([key, value]) => html`<dt>${key}</dt><dd><code>${String(value)}</code></dd>`)}</dl>` : html`<p class="muted">Nothing is set.</p>`}<//></div>`;
}

function Schema({ name, tables }) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const found = tables.filter((table) => table.table_id.toLowerCase().includes(wanted) || table.columns.some((column) => column.name.toLowerCase().includes(wanted)));
  return html`<div class="stack"><label>Find a table or column<input type="search" value=${text} onInput=${(event) => setText(event.target.value)} /></label>
    ${found.length === 0 && html`<${Empty}>No table has this name.<//>`}
    ${found.map((table) => html`<${Card} key=${table.table_id} title=${`${name}:${table.table_id}`} aside=${html`<a href=${href(["datasources", name, "rows", table.table_id])}>Rows</a>`}>
      <dl class="facts">${table.columns.map((column) => html`<dt><code>${column.name}</code></dt><dd class="muted">${column.description}</dd>`)}</dl><//>`)}</div>`;
}

function Rows({ name, tables, chosen }) {
  const [turn, setTurn] = useState(0);
  useEvery(5, () => setTurn((count) => count + 1));
  const table = tables.find((each) => each.table_id === chosen) || tables[0];
  if (!table) return html`<${Empty}>It has no tables.<//>`;
  return html`<div class="stack"><div class="inline"><${Field} label="Table"><select onChange=${(event) => go(["datasources", name, "rows", event.target.value])}>${tables.map((each) => html`<option value=${each.table_id} selected=${each === table}>${each.table_id}</option>`)}</select><//></div>
    <${Card} flush><${RowsTable} key=${table.table_id} turn=${turn} where=${path`/v1/data-sources/${name}/tables/${table.table_id}/rows`} label=${`Rows of ${table.table_id}`} columns=${table.columns.map((column) => column.name)} /><//></div>`;
}

function Actions({ actions }) {
  if (!actions.length) return html`<${Card}><${Empty}>It can only be read.<//><//>`;
  return html`<${Card} flush><ul class="list">${actions.map((action) => html`<li class="stack tight"><code>${action.name}(${action.args.map((one) => one.name).join(", ")})</code><span class="small muted">${action.description}</span></li>`)}</ul><//>`;
}

function Ending({ name, onClose }) {
  const [error, setError] = useState(null);
  async function end() {
    try {
      await ask(path`/v1/data-sources/${name}`, { verb: "DELETE" });
      toast(`Datasource ${name} is deleted.`);
      go(["datasources"]);
    } catch (problem) {
      setError(problem);
    }
  }
  return html`<${Dialog} title=${`Delete ${name}?`} onClose=${onClose}><${Problem} error=${error} />
    <p>Its tables become empty for the rules that refer to it; rules that name its columns are set aside.</p>
    <div class="row end"><button type="button" onClick=${onClose}>Cancel</button><button class="danger" type="button" onClick=${end}>Delete</button></div><//>`;
}
