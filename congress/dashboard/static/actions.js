// What rules asked to be done: what waits for approval, and what became of the rest.

import { html, useState } from "./preact.js";
import { ask, path, query } from "./api.js";
import { useEvents } from "./live.js";
import { Turn, usePages } from "./pages.js";
import { Badge, Card, Dialog, Empty, Loaded, Page, Problem, Segments, toast, useData, useEvery, useKept, useSoon, When } from "./parts.js";
import { literal } from "./preview.js";

const STATES = [["proposed", "Awaiting approval"], ["pending", "Pending"], ["done", "Done"], ["failed", "Failed"], ["", "All"]];
const KINDS = { proposed: "warn", pending: "accent", claimed: "accent", done: "good", failed: "bad", unknown: "bad", rejected: "", obsolete: "", expired: "bad" };
const DECISIONS = { proposed: [["approve", "Approve"], ["reject", "Reject"]], pending: [["reject", "Reject"]] };
const RETRIED = new Set(["failed", "expired", "rejected", "unknown"]);

export function ActionsPage({ parameters }) {
  const [state, setState] = useState(parameters.state ?? "proposed");
  const pages = usePages();
  const [shown, setShown] = useState(null);
  const page = useKept((signal) => ask("/v1/actions" + query({ state, limit: 50, marker: pages.marker }), { signal }), [state, pages.marker]);
  const soon = useSoon(page.reload, 300);
  useEvents((event) => (event.missed || event.table.startsWith("execute[")) && soon(), [soon]);
  useEvery(3, page.reload);
  const changed = () => {
    dispatchEvent(new Event("congress-actions"));
    page.reload();
  };
  return html`<${Page} title="Actions" lead="What rules asked to be done in the clouds.">
    <div class="row spread"><${Segments} label="State" value=${state} onChange=${(choice) => { setState(choice); pages.begin(); }} choices=${STATES} />
      <div class="row"><${Turn} pages=${pages} page=${page} words=${["Newer", "Older"]} /></div></div>
    <${Loaded} state=${page}>${({ results, paused }) => html`
      ${paused && html`<div class="note warn">Actions are paused: nothing is done until an operator resumes them.</div>`}
      <${Card} flush>${results.length === 0 ? html`<${Empty}>${state === "proposed" ? "Nothing waits for approval." : "None."}<//>` : html`<ul class="list">${results.map((entry) => html`
        <li key=${entry.id} class="row spread"><div class="stack tight"><code>${entry.datasource}: ${literal(entry.action, entry.args)}</code>
          <span class="row small muted"><${Badge} kind=${KINDS[entry.state]} dot>${entry.state}<//>${entry.policy} · <${When} at=${entry.created_at} />${entry.outcome && html` · ${entry.outcome}`}</span></div>
          <div class="row"><${Decisions} entry=${entry} onDone=${changed} /><button class="quiet" type="button" onClick=${() => setShown(entry.id)}>Details</button></div></li>`)}</ul>`}<//>`}<//>
    ${shown && html`<${Details} id=${shown} onClose=${() => setShown(null)} onDone=${changed} />`}
  <//>`;
}

function Decisions({ entry, onDone }) {
  const [asking, setAsking] = useState(null);
  const offered = DECISIONS[entry.state] || (RETRIED.has(entry.state) ? [["retry", "Try again"]] : []);
  async function decide(event) {
    event.preventDefault();
    const { comment } = Object.fromEntries(new FormData(event.target));
    try {
      await ask(path`/v1/actions/${entry.id}/${asking.decision}`, { verb: "POST", body: { comment } });
      toast(`${asking.text}: done.`);
      setAsking(null);
      onDone();
    } catch (error) {
      setAsking({ ...asking, error });
    }
  }
  return html`${offered.map(([decision, text]) => html`<button type="button" class=${decision === "approve" ? "primary" : ""} onClick=${() => setAsking({ decision, text })}>${text}</button>`)}
    ${asking && html`<${Dialog} title=${`${asking.text}?`} onClose=${() => setAsking(null)}><form class="stack" onSubmit=${decide}>
      <code>${entry.datasource}: ${literal(entry.action, entry.args)}</code><${Problem} error=${asking.error} />
      <label>Comment<input name="comment" maxlength="255" autofocus placeholder="why, for the record" /></label>
      <div class="row end"><button type="button" onClick=${() => setAsking(null)}>Cancel</button><button class="primary">${asking.text}</button></div></form><//>`}`;
}

function Details({ id, onClose, onDone }) {
  const state = useData((signal) => ask(path`/v1/actions/${id}`, { signal }), [id]);
  useEvery(2, state.reload);
  return html`<${Dialog} title="Action" onClose=${onClose}><${Loaded} state=${state}>${(entry) => html`
    <code>${entry.datasource}: ${literal(entry.action, entry.args)}</code>
    <dl class="facts"><dt>State</dt><dd><${Badge} kind=${KINDS[entry.state]} dot>${entry.state}<//></dd><dt>Outcome</dt><dd>${entry.outcome || "none yet"}</dd>
      <dt>Asked for by</dt><dd>${entry.policy}:${entry.table}</dd><dt>Attempts</dt><dd>${entry.attempts}</dd><dt>Epoch</dt><dd>${entry.epoch ?? "none"}</dd></dl>
    <h3>What happened to it</h3><ul class="changes">${entry.events.map((event) => html`<li>${new Date(event.at).toLocaleString()}: ${event.state}, ${event.actor}${event.detail && `, ${event.detail}`}</li>`)}</ul>
    <div class="row end"><${Decisions} entry=${entry} onDone=${() => { onDone(); state.reload(); }} /><button type="button" onClick=${onClose}>Close</button></div>`}<//><//>`;
}
