// One policy: its rules, the rows of its tables, why a row is there, and its settings.

import { html } from "./preact.js";
import { Loaded, Page, useData } from "./parts.js";
import { ExplainPage } from "./explain.js";
import { readPolicy } from "./policies.js";
import { href } from "./router.js";
import { RowsTab } from "./rows.js";
import { RulesTab } from "./rules.js";
import { SettingsTab } from "./settings.js";
import { ViolationsTab } from "./past.js";

const TABS = {
  rules: ["Rules", RulesTab],
  rows: ["Rows", RowsTab],
  violations: ["Violations", ViolationsTab],
  settings: ["Settings", SettingsTab],
};

export function PolicyPage({ name, rest, parameters }) {
  const policy = useData((signal) => readPolicy(name, signal), [name]);
  const [tab = "rules", table] = rest;
  if (tab === "explain") return html`<${ExplainPage} policy=${name} table=${table} parameters=${parameters} />`;
  const [, Tab] = TABS[tab] || TABS.rules;
  return html`<${Page} title=${name} lead=${policy.data?.description} crumbs=${[["Policies", ["policies"]]]}
      actions=${html`<a class="button" href=${href(["simulation"], { policy: name })}>Simulate</a>`}>
    <nav class="tabs" aria-label="Parts of the policy">${Object.entries(TABS).map(([key, [text]]) => html`
      <a href=${href(["policies", name, key])} aria-current=${key === tab ? "page" : null}>${text}</a>`)}</nav>
    <${Loaded} state=${policy}>${(found) => html`<${Tab} policy=${found} table=${table} parameters=${parameters} reload=${policy.reload} />`}<//>
  <//>`;
}
