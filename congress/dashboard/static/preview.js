// What a change would do to violations and actions, before it is made.

import { html } from "./preact.js";
import { Badge } from "./parts.js";

const SHOWN = 20;

/** A row as the policy language writes it. */
export function literal(table, row) {
  return `${table}(${row.map(value).join(", ")})`;
}

// Only an e"…" string knows escapes; in a plain one a backslash is a backslash.
const SPECIAL = /["\\\u0000-\u001f]/g;

function value(cell) {
  if (typeof cell !== "string") return String(cell);
  const escaped = cell.replace(SPECIAL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return escaped === cell ? `"${cell}"` : `e"${escaped}"`;
}

export function Preview({ told }) {
  const count = (groups) => groups.reduce((sum, group) => sum + group.rows.length, 0);
  const [appear, vanish] = [count(told.appear), count(told.vanish)];
  if (!appear && !vanish && !told.actions.length) return html`<div class="note good" role="status">Nothing would change: no violation would appear or vanish, and no action would be asked for.</div>`;
  return html`<div class="stack tight" role="status">
    <div class="row"><strong>This would</strong>
      <${Badge} kind=${appear ? "bad" : ""}>newly violate: ${appear.toLocaleString()}<//>
      <${Badge} kind=${vanish ? "good" : ""}>no longer violate: ${vanish.toLocaleString()}<//>
      <${Badge} kind=${told.actions.length ? "warn" : ""}>ask for actions: ${told.actions.length.toLocaleString()}<//></div>
    <${Group} groups=${told.appear} kind="plus" mark="+" />
    <${Group} groups=${told.vanish} kind="minus" mark="−" />
    ${told.actions.length > 0 && html`<ul class="changes">${told.actions.slice(0, SHOWN).map((one) => html`<li>do ${one.datasource}: ${literal(one.action, one.args)}</li>`)}</ul>`}
  </div>`;
}

function Group({ groups, kind, mark }) {
  const all = groups.flatMap((group) => group.rows.map((row) => `${group.policy}:${literal(group.table, row)}`));
  if (!all.length) return null;
  return html`<ul class="changes">${all.slice(0, SHOWN).map((text) => html`<li class=${kind}>${mark} ${text}</li>`)}
    ${all.length > SHOWN && html`<li class="muted">and ${(all.length - SHOWN).toLocaleString()} more</li>`}</ul>`;
}
