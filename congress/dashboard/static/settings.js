// What can be changed of a policy beside its rules, and its end.

import { html, useState } from "./preact.js";
import { ask, path } from "./api.js";
import { Card, Dialog, Field, Problem, toast } from "./parts.js";
import { LEVELS } from "./policies.js";
import { Preview } from "./preview.js";
import { go } from "./router.js";

export function SettingsTab({ policy, reload }) {
  const [error, setError] = useState(null);
  const [ending, setEnding] = useState(null);
  const where = path`/v1/policies/${policy.name}`;
  async function save(event) {
    event.preventDefault();
    const { description, abbreviation, enforcement } = Object.fromEntries(new FormData(event.target));
    try {
      await ask(where, { verb: "PATCH", body: { description, abbreviation, enforcement } });
      setError(null);
      toast("The policy is changed.");
      reload();
    } catch (problem) {
      setError(problem);
    }
  }
  async function end(preview) {
    try {
      const told = await ask(where + (preview ? "?preview=true" : ""), { verb: "DELETE" });
      if (preview) return setEnding({ told });
      toast(`Policy ${policy.name} is deleted.`);
      return go(["policies"]);
    } catch (problem) {
      return setEnding({ error: problem });
    }
  }
  return html`<div class="columns">
    <${Card} title="Settings"><form class="form" onSubmit=${save}>
      <${Problem} error=${error} />
      <${Field} label="Description"><textarea name="description">${policy.description}</textarea><//>
      <${Field} label="Enforcement"><select name="enforcement">${Object.entries(LEVELS).map(([key, [text, why]]) => html`<option value=${key} selected=${policy.enforcement === key}>${text}: ${why}</option>`)}</select><//>
      <${Field} label="Abbreviation" hint="At most five letters; traces show it."><input name="abbreviation" maxlength="5" value=${policy.abbreviation} /><//>
      <div class="row end"><button class="primary">Save</button></div></form><//>
    <${Card} title="About"><dl class="facts"><dt>Kind</dt><dd>${policy.kind}</dd><dt>Id</dt><dd><code>${policy.id}</code></dd></dl>
      <div class="row end"><button class="danger" type="button" onClick=${() => end(true)}>Delete the policy …</button></div><//>
    ${ending && html`<${Dialog} title=${`Delete ${policy.name} and its rules?`} onClose=${() => setEnding(null)}>
      <${Problem} error=${ending.error} />${ending.told && html`<${Preview} told=${ending.told} />`}
      <div class="row end"><button type="button" onClick=${() => setEnding(null)}>Cancel</button>${ending.told && html`<button class="danger" type="button" onClick=${() => end(false)}>Delete</button>`}</div><//>`}
  </div>`;
}
