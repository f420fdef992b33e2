// The list of policies, and the form for a new one.

import { html, useState } from "./preact.js";
import { all, ask, each, path } from "./api.js";
import { Bundles } from "./bundles.js";
import { useEvents } from "./live.js";
import { Badge, Card, Dialog, Empty, Field, Loaded, Page, Problem, toast, useData, useSoon } from "./parts.js";
import { go, href } from "./router.js";
import { watchedCounts } from "./violations.js";

export const LEVELS = {
  enforce: ["Enforce", "Actions are done as soon as a row asks for them."],
  propose: ["Propose", "Actions wait for somebody's approval."],
  monitor: ["Monitor", "Rows are recorded, nothing is done."],
};
const KINDS = {
  nonrecursive: "Rules (the usual kind)",
  action: "Actions: what would follow from an action, for simulations",
  database: "Facts only",
};

async function read(signal) {
  const policies = await all("/v1/policies", { signal });
  const counts = await each(policies, (policy) => watchedCounts(policy.name, signal));
  return policies.map((policy, place) => ({ ...policy, counts: counts[place] }));
}

export function PoliciesPage() {
  const state = useData(read, []);
  const soon = useSoon(state.reload, 600);
  useEvents(soon, [soon]);
  const [isCreating, setCreating] = useState(false);
  return html`<${Page} title="Policies" lead="Rules over the tables of your clouds. A row in error or warning is a violation."
      actions=${html`<a class="button" href=${href(["library"])}>From the library</a>
                     <button class="primary" type="button" onClick=${() => setCreating(true)}>New policy</button>`}>
    <${Loaded} state=${state}>${(policies) => html`<${Card} flush>
      <div class="scroll" tabindex="0" role="region" aria-label="Policies"><table class="stacks">
        <thead><tr><th>Policy</th><th class="number">Errors</th><th class="number">Warnings</th><th>Enforcement</th><th>Description</th></tr></thead>
        <tbody>${policies.map((policy) => html`<tr key=${policy.id}>
          <th scope="row"><a href=${href(["policies", policy.name])}>${policy.name}</a></th>
          <td class="number" data-label="Errors"><${Count} kind="bad" of=${policy} table="error" /></td>
          <td class="number" data-label="Warnings"><${Count} kind="warn" of=${policy} table="warning" /></td>
          <td data-label="Enforcement">${LEVELS[policy.enforcement]?.[0] || policy.enforcement}</td>
          <td class="muted">${policy.description}</td>
        </tr>`)}</tbody></table></div>
      ${policies.length === 0 && html`<${Empty}>There is no policy yet.<//>`}
    <//>`}<//>
    <${Bundles} />
    ${isCreating && html`<${NewPolicy} onClose=${() => setCreating(false)} />`}
  <//>`;
}

function Count({ of, table, kind }) {
  const count = of.counts[table];
  if (count === undefined) return html`<span class="muted">–</span>`;
  const link = html`<a href=${href(["policies", of.name, "rows", table])}>${count.toLocaleString()}</a>`;
  return count ? html`<${Badge} kind=${kind}>${link}<//>` : html`<span class="muted">0</span>`;
}

function NewPolicy({ onClose }) {
  const [error, setError] = useState(null);
  async function submit(event) {
    event.preventDefault();
    const { name, description, kind, enforcement } = Object.fromEntries(new FormData(event.target));
    try {
      await ask("/v1/policies", { verb: "POST", body: { name, description, kind, enforcement } });
      toast(`Policy ${name} is created.`);
      go(["policies", name]);
    } catch (problem) {
      setError(problem);
    }
  }
  return html`<${Dialog} title="New policy" onClose=${onClose}><form class="form wide" onSubmit=${submit}>
    <${Problem} error=${error} />
    <${Field} label="Name" hint="Other policies refer to its tables by this name; it cannot be changed."><input name="name" required autocomplete="off" spellcheck="false" /><//>
    <${Field} label="Description"><input name="description" /><//>
    <${Field} label="Kind"><select name="kind">${Object.entries(KINDS).map(([key, text]) => html`<option value=${key}>${text}</option>`)}</select><//>
    <${Field} label="Enforcement"><select name="enforcement">${Object.entries(LEVELS).map(([key, [text, why]]) => html`<option value=${key}>${text}: ${why}</option>`)}</select><//>
    <div class="row end"><button type="button" onClick=${onClose}>Cancel</button><button class="primary">Create</button></div>
  </form><//>`;
}

/** The policy of a name, for other pages. */
export function readPolicy(name, signal) {
  return ask(path`/v1/policies/${name}`, { signal });
}
