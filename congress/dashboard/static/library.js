// The library of policies, and activating one with its parameters.

import { html, useState } from "./preact.js";
import { all, ask, path } from "./api.js";
import { Badge, Card, Dialog, Empty, Field, Loaded, Page, Problem, toast, useData } from "./parts.js";
import { LEVELS } from "./policies.js";
import { Preview } from "./preview.js";
import { go } from "./router.js";
import { Rule } from "./syntax.js";

export function LibraryPage() {
  const state = useData((signal) => all("/v1/librarypolicies?include_rules=false", { signal }), []);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(null);
  const wanted = text.trim().toLowerCase();
  return html`<${Page} title="Library" lead="Policies that are ready to be used in your cloud.">
    <label>Find<input type="search" value=${text} onInput=${(event) => setText(event.target.value)} placeholder="security groups, volumes, …" /></label>
    <${Loaded} state=${state}>${(items) => {
    const found = items.filter((item) => `${item.name} ${item.description}`.toLowerCase().includes(wanted));
    return html`${found.length === 0 && html`<${Empty}>No policy of the library has these words.<//>`}
      <div class="columns">${found.map((item) => html`<${Card} key=${item.id} title=${item.name}><div class="stack tight"><p class="muted">${item.description}</p>
        <div class="row spread"><div class="row">${item.parameters?.length > 0 && html`<${Badge}>${item.parameters.length} ${item.parameters.length === 1 ? "parameter" : "parameters"}<//>`}
          ${(item["depends-on"] || []).map((name) => html`<${Badge}>needs ${name}<//>`)}</div>
          <button type="button" aria-label=${`Activate ${item.name}`} onClick=${() => setChosen(item)}>Activate …</button></div></div><//>`)}</div>`;
  }}<//>
    ${chosen && html`<${Activation} item=${chosen} onClose=${() => setChosen(null)} />`}<//>`;
}

/** The value that somebody typed for a parameter; undefined when the default is to hold. Throws when it is no value. */
export function typed(parameter, text) {
  if (!text.trim()) return undefined;
  const lines = () => text.split("\n").map((line) => line.trim()).filter(Boolean);
  const number = (word) => {
    if (Number.isNaN(Number(word))) throw new Error(`${parameter.name}: ${word} is no number.`);
    return Number(word);
  };
  if (parameter.type === "number") return number(text.trim());
  if (parameter.type === "boolean") return text === "true";
  if (parameter.type === "list of strings") return lines();
  if (parameter.type === "list of numbers") return lines().map(number);
  if (parameter.type !== "list of rows") return text;
  return lines().map((line) => {
    const words = line.split(",").map((word) => word.trim());
    return words.map((word, place) => ({ number, boolean: (value) => value === "true" }[parameter.columns?.[place]?.type] || String)(word));
  });
}

function Activation({ item, onClose }) {
  const whole = useData((signal) => ask(path`/v1/librarypolicies/${item.id}`, { signal }), [item.id]);
  const [told, setTold] = useState(null);
  const [error, setError] = useState(null);
  async function send(event) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    const preview = event.submitter?.value === "preview";
    try {
      const parameters = {};
      for (const parameter of item.parameters || []) {
        const value = typed(parameter, values[`parameter.${parameter.name}`] || "");
        if (value !== undefined) parameters[parameter.name] = value;
      }
      const body = { parameters, enforcement: values.enforcement, ...(values.name && { name: values.name }) };
      const answer = await ask(`/v1/policies?library_policy=${encodeURIComponent(item.id)}${preview ? "&preview=true" : ""}`, { verb: "POST", body });
      setError(null);
      if (preview) return setTold(answer);
      toast(`Policy ${answer.name} is in force.`);
      return go(["policies", answer.name]);
    } catch (problem) {
      setTold(null);
      return setError(problem);
    }
  }
  return html`<${Dialog} title=${`Activate ${item.name}`} onClose=${onClose}><form class="form wide" onSubmit=${send} onInput=${() => setTold(null)}>
    <p class="muted">${item.description}</p>
    <${Field} label="Name of the policy"><input name="name" placeholder=${item.name} /><//>
    ${(item.parameters || []).map((parameter) => html`<${ParameterField} parameter=${parameter} />`)}
    <${Field} label="Enforcement"><select name="enforcement">${Object.entries(LEVELS).map(([key, [text, why]]) => html`<option value=${key} selected=${key === "monitor"}>${text}: ${why}</option>`)}</select><//>
    <details><summary>Rules</summary><${Loaded} state=${whole}>${({ rules }) => html`<div class="stack tight">${rules.map(({ rule, comment }) => html`<div><${Rule} text=${rule} />${comment && html`<p class="small muted">${comment}</p>`}</div>`)}</div>`}<//></details>
    <${Problem} error=${error} />${told && html`<${Preview} told=${told} />`}
    <div class="row end"><button type="button" onClick=${onClose}>Cancel</button><button value="preview">Preview</button><button class="primary" value="save">Activate</button></div></form><//>`;
}

function ParameterField({ parameter }) {
  const given = { name: `parameter.${parameter.name}`, required: parameter.default === undefined || parameter.default === null };
  const standard = parameter.default === undefined || parameter.default === null ? "" : shown(parameter);
  const columns = parameter.columns?.map((column) => column.name).join(", ");
  const how = { "list of strings": "One on each line.", "list of numbers": "One on each line.", "list of rows": `One row on each line: ${columns}.` }[parameter.type];
  const hint = [parameter.description, how].filter(Boolean).join(" ");
  return html`<${Field} label=${parameter.name} hint=${hint}>${parameter.type === "boolean"
    ? html`<select ...${given}><option value="">${standard ? `${standard} (default)` : "choose …"}</option><option>true</option><option>false</option></select>`
    : parameter.type.startsWith("list") ? html`<textarea ...${given} placeholder=${standard}></textarea>`
      : html`<input ...${given} placeholder=${standard} inputmode=${parameter.type === "number" ? "decimal" : "text"} />`}<//>`;
}

function shown({ default: value }) {
  if (!Array.isArray(value)) return String(value);
  return value.map((one) => (Array.isArray(one) ? one.join(", ") : String(one))).join("\n");
}
