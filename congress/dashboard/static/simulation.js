// "What would be if": a sequence of changes, and the rows of a table before and after it.

import { html, useEffect, useState } from "./preact.js";
import { all, ask, path } from "./api.js";
import { Card, Empty, Field, Loaded, Page, Problem, Segments, useData } from "./parts.js";
import { cells } from "./explain.js";
import { literal } from "./preview.js";
import { WATCHED } from "./violations.js";

const KEPT = 200;

/** Steps from the address: [[sign, table, cells], …]. */
function given(text) {
  const steps = cells(text || "[]") || [];
  return steps.filter((step) => Array.isArray(step) && step.length === 3).map(([sign, table, row]) => ({ sign, table: String(table), row: JSON.stringify(row) }));
}

function written({ sign, table, row, action }) {
  if (action !== undefined) return action;
  const values = cells(row);
  if (!values) throw new Error(`The cells of ${table} are a JSON list, such as ["vm-1", 3].`);
  return literal(`${table}${sign}`, values);
}

async function read(signal) {
  const [policies, sources] = await Promise.all([all("/v1/policies", { signal }), all("/v1/data-sources", { signal })]);
  return { policies, sources };
}

export function SimulationPage({ parameters }) {
  const state = useData(read, []);
  return html`<${Page} title="Simulation" lead="What would be, if rows came and went. Nothing is changed.">
    <${Loaded} state=${state}>${({ policies }) => html`<${Builder} key=${JSON.stringify(parameters)} policies=${policies} parameters=${parameters} />`}<//><//>`;
}

function Builder({ policies, parameters }) {
  const names = policies.map((policy) => policy.name);
  const [policy, setPolicy] = useState(names.includes(parameters.policy) ? parameters.policy : names[0]);
  const [query, setQuery] = useState(parameters.query || "");
  const [steps, setSteps] = useState(given(parameters.steps));
  const [actions, setActions] = useState(policies.find((each) => each.kind === "action")?.name || names[0]);
  const [told, setTold] = useState(null);
  const [error, setError] = useState(null);
  const words = useData((signal) => ask(path`/v1/policies/${policy}/vocabulary`, { signal }), [policy]);
  useEffect(() => setTold(null), [policy, query, steps, actions]);

  async function run(event) {
    event?.preventDefault();
    setError(null);
    try {
      const sequence = steps.map(written).join(" ");
      const where = path`/v1/policies/${policy}` + "?action=simulate";
      const [before, after] = await Promise.all(["", sequence].map((text) => ask(where, { verb: "POST", body: { query, sequence: text, action_policy: actions } })));
      setTold({ before: before.result, after: after.result, sequence });
    } catch (problem) {
      setTold(null);
      setError(problem);
    }
  }
  const change = (place, values) => setSteps(steps.map((step, other) => (other === place ? { ...step, ...values } : step)));
  return html`<form class="columns" onSubmit=${run}>
    <${Card} title="The question">
      <div class="form"><${Field} label="Policy"><select value=${policy} onChange=${(event) => setPolicy(event.target.value)}>${names.map((name) => html`<option selected=${name === policy}>${name}</option>`)}</select><//>
        <${Field} label="Look at" hint="A table with variables, such as error(x)."><input class="mono" required value=${query} onInput=${(event) => setQuery(event.target.value)} placeholder="error(x)" list="queries" /><//>
        <datalist id="queries">${WATCHED.flatMap((table) => ["x", "x, y"].map((names) => html`<option value=${`${table}(${names})`}></option>`))}</datalist>
        <${Field} label="Actions are described in"><select value=${actions} onChange=${(event) => setActions(event.target.value)}>${names.map((name) => html`<option selected=${name === actions}>${name}</option>`)}</select><//></div><//>
    <${Card} title="The sequence" aside=${`${steps.length} ${steps.length === 1 ? "step" : "steps"}`}><div class="stack">
      ${steps.length === 0 && html`<${Empty}>Add what would happen, step by step.<//>`}
      <ol class="steps">${steps.map((step, place) => html`<${Step} key=${place} step=${step} words=${words.data} place=${place} onChange=${(values) => change(place, values)} onRemove=${() => setSteps(steps.filter((_, other) => other !== place))} />`)}</ol>
      <div class="row"><button type="button" onClick=${() => setSteps([...steps, { sign: "+", table: "", row: "[]" }])}>Add a row</button>
        <button type="button" onClick=${() => setSteps([...steps, { sign: "-", table: "", row: "[]" }])}>Take a row away</button>
        <button type="button" onClick=${() => setSteps([...steps, { action: "" }])}>Do an action</button></div>
      <${Problem} error=${error} />
      <div class="row end"><button class="primary">Simulate</button></div></div><//>
  </form>
  ${told && html`<${Difference} told=${told} />`}`;
}

function Step({ step, words, place, onChange, onRemove }) {
  const tables = (words?.datasources || []).flatMap((source) => source.tables.map((table) => [`${source.name}:${table.name}`, table.columns]));
  const columns = tables.find(([name]) => name === step.table)?.[1];
  const label = `step ${place + 1}`;
  const remove = html`<button class="quiet" type="button" aria-label=${`Remove ${label}`} onClick=${onRemove}>✕</button>`;
  if (step.action !== undefined) return html`<li><input class="mono" aria-label=${`Action of ${label}`} value=${step.action} placeholder=${'disconnect("vm-1")'} onInput=${(event) => onChange({ action: event.target.value })} />${remove}</li>`;
  return html`<li><div class="stack tight"><div class="inline">
      <${Segments} label=${`What happens in ${label}`} value=${step.sign} onChange=${(sign) => onChange({ sign })} choices=${[["+", "comes"], ["-", "goes"]]} />
      <input class="mono grow" aria-label=${`Table of ${label}`} value=${step.table} list="tables" placeholder="nova:servers" onInput=${(event) => onChange({ table: event.target.value })} /></div>
      <input class="mono" aria-label=${`Cells of ${label}`} value=${step.row} onInput=${(event) => onChange({ row: event.target.value })} />
      ${columns && html`<span class="small muted">${columns.map((column) => column.name).join(", ")}</span>`}</div>${remove}
    <datalist id="tables">${tables.map(([name]) => html`<option value=${name}></option>`)}</datalist></li>`;
}

function Difference({ told }) {
  const [before, after] = [new Set(told.before), new Set(told.after)];
  const groups = [
    ["Appears", "plus", "+", told.after.filter((row) => !before.has(row))],
    ["Disappears", "minus", "−", told.before.filter((row) => !after.has(row))],
    ["Stays", "", "", told.after.filter((row) => before.has(row))],
  ];
  return html`<${Card} title="Before and after" aside=${`${told.before.length.toLocaleString()} before, ${told.after.length.toLocaleString()} after`}>
    <div class="stack"><div class="columns three" role="status">${groups.map(([title, kind, mark, rows]) => html`<section class="stack tight"><h3>${title}: ${rows.length.toLocaleString()}</h3>
      <ul class="changes">${rows.slice(0, KEPT).map((row) => html`<li class=${kind}>${mark} ${row}</li>`)}${rows.length === 0 && html`<li class="muted">nothing</li>`}${rows.length > KEPT && html`<li class="muted">and ${(rows.length - KEPT).toLocaleString()} more</li>`}</ul></section>`)}</div>
      ${told.sequence && html`<p class="small muted">Sequence: <code>${told.sequence}</code></p>`}</div><//>`;
}
