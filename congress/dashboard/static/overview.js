// The first page: how many violations there are and were, how fresh the data is, how the nodes of the service are.

import { html, useState } from "./preact.js";
import { all, ask, each, path, query } from "./api.js";
import { Chart } from "./chart.js";
import { readSources, sourceState } from "./datasources.js";
import { useEvents, useLive } from "./live.js";
import { Badge, Card, duration, Empty, Loaded, Page, Segments, useData, useEvery, useKept, useSoon, When } from "./parts.js";
import { href } from "./router.js";
import { curve, WATCHED, watchedCounts } from "./violations.js";

const SPANS = { hour: ["1 h", 3600e3], day: ["24 h", 86400e3], week: ["7 d", 604800e3] };
const MOST_CHANGES = 2000;

async function readPolicies(span, signal) {
  const policies = await all("/v1/policies", { signal });
  const until = Date.now();
  const since = until - SPANS[span][1];
  const found = await each(policies, async ({ name }) => {
    const counts = await watchedCounts(name, signal);
    const past = await ask(path`/v1/policies/${name}/history` + query({ since: new Date(since).toISOString(), limit: MOST_CHANGES }), { signal });
    const changes = past.results.filter((change) => WATCHED.includes(change.table));
    const open = (counts.error || 0) + (counts.warning || 0);
    return { name, counts, open, points: curve(open, changes, since, Boolean(past.next_marker), until),
      entered: changes.filter((change) => change.change === "entered").length, isCut: Boolean(past.next_marker) };
  });
  return { span, since, until, policies: found.filter((one) => !one.error && Object.keys(one.counts).length) };
}

export function OverviewPage() {
  const [span, setSpan] = useState("day");
  const violations = useKept((signal) => readPolicies(span, signal), [span]);
  const sources = useData(readSources, []);
  const system = useData((signal) => ask("/v1/system/status", { signal }), []);
  const soon = useSoon(violations.reload, 500);
  useEvents(soon, [soon]);
  useEvery(10, sources.reload);
  useEvery(5, system.reload);
  return html`<${Page} title="Overview" lead="Where the clouds depart from policy, now and before.">
    <${Loaded} state=${violations}>${(data) => html`<${Violations} data=${data} span=${span} setSpan=${setSpan} />`}<//>
    <div class="columns">
      <${Card} title="Datasources" aside=${html`<a href=${href(["datasources"])}>All</a>`} flush><${Loaded} state=${sources}>${(found) => html`<${Sources} sources=${found} />`}<//><//>
      <${Card} title="Replicas" flush><${Loaded} state=${system}>${(found) => html`<${Nodes} system=${found} />`}<//><//>
    </div>
    <${Latest} />
  <//>`;
}

function Violations({ data, span, setSpan }) {
  const sorted = [...data.policies].sort((one, other) => other.open - one.open || one.name.localeCompare(other.name));
  const drawn = sorted.filter((one) => one.open || one.entered).slice(0, 6);
  const sum = (table) => sorted.reduce((total, one) => total + (one.counts[table] || 0), 0);
  const told = drawn.map((one) => `${one.name} ${one.open}`).join(", ");
  return html`<${Card} title="Violations over time" aside=${html`<${Segments} label="Time" value=${span} onChange=${setSpan} choices=${Object.entries(SPANS).map(([key, [text]]) => [key, text])} />`}>
    <div class="stack">
      <div class="row figures">
        <div><div class="figure">${sum("error").toLocaleString()}</div><${Badge} kind=${sum("error") ? "bad" : "good"} dot>errors<//></div>
        <div><div class="figure">${sum("warning").toLocaleString()}</div><${Badge} kind=${sum("warning") ? "warn" : "good"} dot>warnings<//></div>
        <div><div class="figure">${sorted.reduce((total, one) => total + one.entered, 0).toLocaleString()}</div><${Badge}>new in ${SPANS[data.span][0]}<//></div>
      </div>
      ${drawn.length ? html`<${Chart} series=${drawn} since=${data.since} until=${data.until} label=${`Open violations by policy, now: ${told}`} />
        <ul class="legend">${drawn.map((one, place) => html`<li><span class=${`swatch k${place + 1}`}></span><a href=${href(["policies", one.name, "rows", one.counts.error === undefined ? "warning" : "error"])}>${one.name}</a> ${one.open.toLocaleString()}${one.isCut && " (the curve begins late: too many changes)"}</li>`)}</ul>`
    : html`<${Empty}>No violation was open in this time.<//>`}
    </div><//>`;
}

function Sources({ sources }) {
  if (!sources.length) return html`<${Empty}>No datasource is configured. <a href=${href(["datasources"])}>Create one.</a><//>`;
  return html`<ul class="list">${sources.map((source) => {
    const { kind, text, updated } = sourceState(source);
    return html`<li class="row spread"><a href=${href(["datasources", source.name])}>${source.name}</a>
      <span class="row small"><span class="muted"><${When} at=${updated} /></span><${Badge} kind=${kind} dot>${text}<//></span></li>`;
  })}</ul>`;
}

const NODE = { up: "good", unknown: "warn", silent: "bad" };

function Nodes({ system }) {
  const highest = Math.max(...system.nodes.map((node) => node.status.policy_revision || 0));
  return html`<ul class="list">${system.nodes.map((node) => {
    const behind = highest - (node.status.policy_revision || 0);
    return html`<li class="stack tight"><div class="row spread"><strong>${node.id}</strong><${Badge} kind=${node.state === "up" && node.status.ready === false ? "warn" : NODE[node.state]} dot>${node.state === "up" && node.status.ready === false ? "not ready" : node.state}<//></div>
      <div class="small muted">revision ${node.status.policy_revision ?? "?"}${behind > 0 && html` <${Badge} kind="warn">${behind} behind<//>`}
        ${node.status.position && ` · epoch ${node.status.position[0] ?? "?"}, publication ${node.status.position[1] ?? "?"}`} · ${node.roles.join(", ")} · seen ${duration(node.seconds_since_refresh)} ago</div>
      ${Object.entries(node.status.reasons || {}).map(([part, reason]) => html`<div class="note warn small">${part}: ${String(reason)}</div>`)}</li>`;
  })}
  ${system.leases.map((lease) => html`<li class="row spread small"><span>Lease <strong>${lease.name}</strong>: ${lease.holder || "nobody"}</span><span class="muted">epoch ${lease.epoch}</span></li>`)}
  ${system.paused && html`<li><div class="note warn">Actions are paused.</div></li>`}</ul>`;
}

function Latest() {
  const { recent } = useLive();
  if (!recent.length) return null;
  return html`<${Card} title="Just now" aside=${html`<a href=${href(["live"])}>Live</a>`} flush><ul class="list">${recent.slice(0, 5).map((event) => html`
    <li class="row spread" key=${event.id}><span class="row"><${Badge} kind=${event.change === "entered" ? "bad" : "good"}>${event.change}<//>
      <code>${event.policy}:${event.table}(${event.row.join(", ")})</code></span><span class="small muted"><${When} at=${event.at} /></span></li>`)}</ul><//>`;
}
