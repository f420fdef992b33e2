// The datasources, how they are, and the form for a new one, made of the driver's own options.

import { html, useState } from "./preact.js";
import { all, ask, each, path } from "./api.js";
import { Badge, Card, Dialog, Empty, Field, Loaded, Page, Problem, toast, useData, useEvery, When } from "./parts.js";
import { go, href } from "./router.js";

/** How a datasource with its `status` is: {kind, text, updated, error}. */
export function sourceState({ status, enabled }) {
  if (!status || status.error) return { kind: "warn", text: "unknown", updated: null, error: status?.error?.message };
  const updated = time(status.last_updated);
  const error = status.last_error && status.last_error !== "None" ? status.last_error : null;
  if (!enabled) return { kind: "", text: "off", updated, error };
  if (error) return { kind: "bad", text: "failing", updated, error };
  return status.initialized === "True" ? { kind: "good", text: "fresh", updated } : { kind: "warn", text: "not read yet", updated };
}

/** Times come as text in UTC, with or without saying so. */
export function time(text) {
  if (!text || text === "None") return null;
  const iso = text.replace(" ", "T");
  return /[zZ]|[+-]\d\d:?\d\d$/.test(iso) ? iso : `${iso}Z`;
}

/** All datasources, each with its status. */
export async function readSources(signal) {
  const sources = await all("/v1/data-sources", { signal });
  const states = await each(sources, (source) => ask(path`/v1/data-sources/${source.id}/status`, { signal }));
  return sources.map((source, place) => ({ ...source, status: states[place] }));
}

export function DatasourcesPage() {
  const state = useData(readSources, []);
  const [isCreating, setCreating] = useState(false);
  useEvery(8, state.reload);
  return html`<${Page} title="Datasources" lead="Where the tables come from: services of the clouds, files, databases, and what others push."
      actions=${html`<button class="primary" type="button" onClick=${() => setCreating(true)}>New datasource</button>`}>
    <${Loaded} state=${state}>${(sources) => html`<${Card} flush>${sources.length === 0 ? html`<${Empty}>No datasource is configured yet.<//>` : html`
      <div class="scroll" tabindex="0" role="region" aria-label="Datasources"><table class="stacks"><thead><tr><th>Datasource</th><th>State</th><th>Last read</th><th>Driver</th><th>Description</th></tr></thead><tbody>${sources.map((source) => {
    const { kind, text, updated, error } = sourceState(source);
    return html`<tr key=${source.id}><th scope="row"><a href=${href(["datasources", source.name])}>${source.name}</a></th>
          <td><${Badge} kind=${kind} dot>${text}<//>${error && html`<div class="small muted">${error.slice(0, 160)}</div>`}</td>
          <td data-label="Read"><${When} at=${updated} /></td><td data-label="Driver">${source.driver}</td><td class="muted">${source.description}</td></tr>`;
  })}</tbody></table></div>`}<//>`}<//>
    ${isCreating && html`<${NewDatasource} onClose=${() => setCreating(false)} />`}<//>`;
}

function NewDatasource({ onClose }) {
  const drivers = useData((signal) => all("/v1/system/drivers", { signal }), []);
  const [chosen, setChosen] = useState("");
  return html`<${Dialog} title="New datasource" onClose=${onClose}><${Loaded} state=${drivers}>${(found) => html`
    <${Field} label="Driver" hint=${found.find((driver) => driver.id === chosen)?.description}><select value=${chosen} onChange=${(event) => setChosen(event.target.value)}>
      <option value="">Choose what to read …</option>${found.map((driver) => html`<option value=${driver.id} selected=${driver.id === chosen}>${driver.id}</option>`)}</select><//>
    ${chosen ? html`<${DriverForm} key=${chosen} driver=${chosen} onClose=${onClose} />` : html`<div class="row end"><button type="button" onClick=${onClose}>Cancel</button></div>`}`}<//><//>`;
}

function DriverForm({ driver, onClose }) {
  const state = useData((signal) => ask(path`/v1/system/drivers/${driver}`, { signal }), [driver]);
  const [error, setError] = useState(null);
  async function submit(event) {
    event.preventDefault();
    const { name, description, ...options } = Object.fromEntries(new FormData(event.target));
    const config = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== "").map(([key, value]) => [key.slice(7), value]));
    try {
      await ask("/v1/data-sources", { verb: "POST", body: { name, driver, description, config } });
      toast(`Datasource ${name} is created.`);
      go(["datasources", name]);
    } catch (problem) {
      setError(problem);
    }
  }
  return html`<${Loaded} state=${state}>${({ options }) => {
    const [needed, optional] = [options.filter((each) => each.required), options.filter((each) => !each.required)];
    return html`<form class="form wide" onSubmit=${submit}><${Problem} error=${error} />
      <${Field} label="Name" hint="Rules refer to its tables by this name."><input name="name" required autocomplete="off" spellcheck="false" /><//>
      <${Field} label="Description"><input name="description" /><//>
      ${needed.map((option) => html`<${OptionField} option=${option} />`)}
      ${optional.length > 0 && html`<details><summary>${optional.length} more options</summary><div class="form wide more">${optional.map((option) => html`<${OptionField} option=${option} />`)}</div></details>`}
      <div class="row end"><button type="button" onClick=${onClose}>Cancel</button><button class="primary">Create</button></div></form>`;
  }}<//>`;
}

function OptionField({ option }) {
  const given = { name: `option.${option.name}`, required: option.required, placeholder: option.default ?? "" };
  const hint = [option.description, option.takes !== "a string" && `Takes ${option.takes}.`].filter(Boolean).join(". ").replace("..", ".");
  const choices = option.takes === "True or False" ? ["True", "False"] : option.choices;
  return html`<${Field} label=${option.name} hint=${hint}>${choices.length
    ? html`<select ...${given}><option value="">${option.default ? `${option.default} (default)` : "not set"}</option>${choices.map((choice) => html`<option value=${choice}>${choice}</option>`)}</select>`
    : option.multiline ? html`<textarea ...${given}></textarea>`
      : html`<input ...${given} type=${option.secret ? "password" : "text"} autocomplete=${option.secret ? "new-password" : "off"} spellcheck="false" />`}<//>`;
}
