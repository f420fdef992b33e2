// The violations of a policy, open and closed, with how long they lasted.

import { html, useState } from "./preact.js";
import { ask, path, query } from "./api.js";
import { useEvents } from "./live.js";
import { Turn, useFilter, usePages } from "./pages.js";
import { Badge, Card, Dialog, duration, Empty, Loaded, Segments, useData, useKept, useSoon, When } from "./parts.js";
import { literal } from "./preview.js";
import { Derivation, Missing } from "./tree.js";

const SIZE = 50;

export function ViolationsTab({ policy }) {
  const [state, setState] = useState("all");
  const pages = usePages();
  const { text, wanted, onInput } = useFilter(pages);
  const [shown, setShown] = useState(null);
  const { marker } = pages;
  const page = useKept((signal) => ask("/v1/violations" + query({ policy: policy.name, state: state === "all" ? "" : state, text: wanted, limit: SIZE, marker }), { signal }), [policy.name, state, wanted, marker]);
  const soon = useSoon(page.reload, 300);
  useEvents((event) => (event.missed || event.policy === policy.name) && soon(), [soon]);
  return html`<${Card} flush>
    <div class="inline bar"><label class="grow">Filter<input type="search" placeholder="the row contains …" value=${text} onInput=${onInput} /></label>
      <${Segments} label="State" value=${state} onChange=${(choice) => { setState(choice); pages.begin(); }} choices=${[["all", "All"], ["open", "Open"], ["closed", "Closed"]]} />
      <div class="row"><${Turn} pages=${pages} page=${page} /></div></div>
    <${Loaded} state=${page}>${({ results }) => (results.length === 0 ? html`<${Empty}>None.<//>` : html`
      <div class="scroll" tabindex="0" role="region" aria-label="Violations"><table class="stacks"><thead><tr><th>Row</th><th>State</th><th>Opened</th><th>Lasted</th><th><span class="visually-hidden">Details</span></th></tr></thead>
        <tbody>${results.map((one) => html`<tr key=${one.id}><td class="cell">${literal(one.table, one.row)}</td>
          <td><${Badge} kind=${one.state === "open" ? "bad" : "good"} dot>${one.state}<//></td><td data-label="Opened"><${When} at=${one.opened.at} /></td><td data-label="Lasted">${duration(one.seconds)}</td>
          <td class="number"><button class="quiet" type="button" onClick=${() => setShown(one)}>Why then?</button></td></tr>`)}</tbody></table></div>`)}<//>
    ${shown && html`<${Details} violation=${shown} onClose=${() => setShown(null)} />`}<//>`;
}

function Details({ violation, onClose }) {
  const state = useData((signal) => ask(path`/v1/violations/${violation.id}`, { signal }), [violation.id]);
  return html`<${Dialog} title=${literal(violation.table, violation.row)} onClose=${onClose}>
    <${Loaded} state=${state}>${(found) => html`
      <${Moment} title="When it opened" moment=${found.opened}>${found.explanation ? html`<${Derivation} explanation=${found.explanation} />` : html`<p class="muted">It was over before it could be explained.</p>`}<//>
      ${found.closed && html`<${Moment} title="When it closed" moment=${found.closed}>${found.closing ? html`<${Missing} absence=${found.closing} />` : html`<p class="muted">It was over before it could be explained.</p>`}<//>`}`}<//>
    <div class="row end"><button type="button" onClick=${onClose}>Close</button></div><//>`;
}

function Moment({ title, moment, children }) {
  return html`<section class="stack tight"><h3>${title} · <${When} at=${moment.at} /></h3>
    <p class="small muted">Policy revision ${moment.revision}, data of epoch ${moment.epoch}, publication ${moment.publication}, recorded by ${moment.node}</p>${children}</section>`;
}
