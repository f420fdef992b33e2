// Explanations as trees. A premise that several others need is spelled out once and then referred to.

import { html, useState } from "./preact.js";
import { Badge, duration } from "./parts.js";
import { literal } from "./preview.js";
import { href } from "./router.js";
import { Rule } from "./syntax.js";

const REASONS = {
  rule: ["follows from a rule", "accent"], row: ["read from a cloud", "good"], fact: ["a fact", "good"],
  builtin: ["computed", ""], absent: ["nothing matches", "warn"], cut: ["not spelled out further", ""],
};

/** `query`: what a simulation of a change of a premise looks at. */
export function Derivation({ explanation, policy, query }) {
  const seen = new Set();
  return html`<div class="tree" role="group" aria-label="Explanation">
    <${Premise} nodes=${explanation.nodes} place=${0} seen=${seen} policy=${policy} query=${query} />
    ${!explanation.complete && html`<p class="note small">It goes on below what is shown here.</p>`}</div>`;
}

function Premise({ nodes, place, seen, policy, query, depth = 0 }) {
  const node = nodes[place];
  const [text, kind] = REASONS[node.reason] || [node.reason, ""];
  const isRepeated = seen.has(place);
  seen.add(place);
  const premises = isRepeated ? [] : node.premises || [];
  const [isOpen, setOpen] = useState(depth < 4);
  return html`<div>
    <div class=${`node ${node.reason}`}>
      <div class="says">${node.holds}</div>
      <div class="why"><${Badge} kind=${kind}>${text}<//>
        ${isRepeated && node.premises?.length > 0 && html`<span>spelled out above</span>`}
        ${node.source && html`<${Source} source=${node.source} row=${node.row} policy=${policy} query=${query} />`}
        ${premises.length > 0 && html`<button class="quiet small" type="button" aria-expanded=${isOpen ? "true" : "false"} onClick=${() => setOpen(!isOpen)}>${isOpen ? "hide" : "show"} ${premises.length} ${premises.length === 1 ? "premise" : "premises"}</button>`}</div>
      ${node.rule && html`<div class="by"><${Rule} text=${node.rule} /></div>`}
    </div>
    ${isOpen && premises.length > 0 && html`<ul>${premises.map((each) => html`<li><${Premise} nodes=${nodes} place=${each} seen=${seen} policy=${policy} query=${query} depth=${depth + 1} /></li>`)}</ul>`}
  </div>`;
}

function Source({ source, row, policy, query }) {
  const target = href(["datasources", source.datasource, "rows", source.table]);
  return html`<a href=${target}>${source.datasource}:${source.table}</a>
    <span>${source.age === null ? "never read" : `read ${duration(source.age)} ago`}</span>
    ${row && query && html`<a href=${href(["simulation"], { policy, query, steps: JSON.stringify([["-", `${source.datasource}:${source.table}`, row]]) })}>simulate without it</a>`}`;
}

const BECAUSE = {
  "no match": "no row matches", present: "it is negated, and rows match", false: "computed, and not true",
  head: "the head cannot be this row", group: "its group has another value",
};

/** Why a row is not there: each rule with the premise that fails, the nearest rule first. */
export function Missing({ absence }) {
  if (!absence.failures.length) return html`<div class="note">There is no such row, and no rule could derive it.</div>`;
  return html`<ol class="tree">${absence.failures.map((failure) => html`<li><${Failure} failure=${failure} /></li>`)}</ol>`;
}

function Failure({ failure }) {
  return html`<div class="node rule"><div class="why"><${Badge} kind="accent">by the rule<//></div><${Rule} text=${failure.rule} /></div>
    <ul>
      ${failure.holding.map((text) => html`<li><div class="node row"><div class="says">${text}</div><div class="why"><${Badge} kind="good">holds<//></div></div></li>`)}
      <li><div class="node failing"><div class="says">${failure.failing}</div>
        <div class="why"><${Badge} kind="bad">fails<//><span>${BECAUSE[failure.because] || failure.because}</span></div>
        <${Needs} failure=${failure} /></div>
        ${failure.absence && html`<ul><li><${Missing} absence=${failure.absence} /></li></ul>`}
        ${(failure.blockers || []).length > 0 && html`<ul>${failure.blockers.map((blocker) => html`<li><${Derivation} explanation=${blocker} /></li>`)}</ul>`}</li>
      ${failure.also_failing.map((text) => html`<li><div class="node failing"><div class="says">${text}</div><div class="why"><${Badge} kind="bad">fails, too<//></div></div></li>`)}
    </ul>`;
}

function Needs({ failure }) {
  return html`${failure.needs?.length > 0 && html`<p class="small">A row is needed with ${failure.needs.map((need, place) => html`${place > 0 && ", "}<code>${need.column} = ${JSON.stringify(need.value)}</code>`)}.</p>`}
    ${(failure.nearest || []).map((near) => html`<p class="small">Nearest: <code>${literal(failure.table || "", near.row)}</code>, where ${near.differs.map((one) => html`<code>${one.column}</code> is ${JSON.stringify(one.has)} instead of ${JSON.stringify(one.needs)} `)}</p>`)}
    ${(failure.arguments || []).filter((one) => one.needs && Object.keys(one.needs).length).map((one) => html`<p class="small"><code>${one.variable || JSON.stringify(one.has)}</code> is ${JSON.stringify(one.has)}, and would have to be ${Object.entries(one.needs).map(([how, value]) => `${how === "value" ? "" : how} ${JSON.stringify(value)}`).join(", ")}${one.from && html` (from <code>${one.from}</code>)`}</p>`)}
    ${failure.because === "group" && html`<p class="small">Its group has ${failure.has ? html`<code>${JSON.stringify(failure.has)}</code>` : "no member"}.</p>`}`;
}
