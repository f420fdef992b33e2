// The bundles: sets of policies that come, change and go together. They are changed from the command line.

import { html } from "./preact.js";
import { all } from "./api.js";
import { Badge, Card, Problem, useData, useEvery, When } from "./parts.js";
import { href } from "./router.js";

/** A card with all bundles; nothing where there is none. */
export function Bundles() {
  const state = useData((signal) => all("/v1/bundles", { signal }), []);
  useEvery(30, state.reload);
  if (state.error) return html`<${Problem} error=${state.error} />`;
  if (!state.data?.length) return null;
  return html`<${Card} title="Bundles" flush>
    <div class="scroll" tabindex="0" role="region" aria-label="Bundles"><table>
      <thead><tr><th>Bundle</th><th>Active</th><th>A rollback leads to</th><th>Policies</th><th>Changed</th></tr></thead>
      <tbody>${state.data.map((bundle) => html`<tr key=${bundle.id}>
        <th scope="row">${bundle.name}</th>
        <td>${bundle.active ? html`<${Badge}>${bundle.active}<//>` : html`<span class="muted">none</span>`}</td>
        <td>${bundle.previous || html`<span class="muted">–</span>`}</td>
        <td>${bundle.policies.map((name, place) => html`${place > 0 && ", "}<a href=${href(["policies", name])}>${name}</a>`)}</td>
        <td><${When} at=${bundle.changed_at} /></td>
      </tr>`)}</tbody></table></div>
  <//>`;
}
