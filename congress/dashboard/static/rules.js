// The rules of a policy: read, switched off and on, written, checked while they are written, previewed, saved.

import { html, useCallback, useEffect, useRef, useState } from "./preact.js";
import { all, ask, path } from "./api.js";
import { Editor } from "./editor.js";
import { Badge, Card, Dialog, Empty, Field, Loaded, Problem, toast, useData } from "./parts.js";
import { Preview } from "./preview.js";
import { Rule } from "./syntax.js";

export function RulesTab({ policy }) {
  const rules = useData((signal) => all(path`/v1/policies/${policy.name}/rules`, { signal }), [policy.name]);
  const [editing, setEditing] = useState(null);
  const done = (text) => {
    setEditing(null);
    toast(text);
    rules.reload();
  };
  return html`<div class="stack">
    ${editing?.isNew ? html`<${RuleEditor} policy=${policy.name} onDone=${done} onCancel=${() => setEditing(null)} />`
    : html`<div class="row"><button class="primary" type="button" onClick=${() => setEditing({ isNew: true })}>Write rules</button></div>`}
    <${Loaded} state=${rules}>${(found) => html`
      ${found.length === 0 && html`<${Card}><${Empty}>This policy has no rule yet.<//><//>`}
      ${found.map((rule) => (editing?.id === rule.id
    ? html`<${RuleEditor} key=${rule.id} policy=${policy.name} rule=${rule} onDone=${done} onCancel=${() => setEditing(null)} />`
    : html`<${RuleCard} key=${rule.id} policy=${policy.name} rule=${rule} onEdit=${() => setEditing(rule)} onDone=${done} />`))}`}<//>
  </div>`;
}

function RuleCard({ policy, rule, onEdit, onDone }) {
  const where = path`/v1/policies/${policy}/rules/${rule.id}`;
  const status = useData((signal) => ask(`${where}/status`, { signal }), [where, rule.rule, rule.enabled]);
  const [asking, setAsking] = useState(null);
  const change = (text, body, verb = "PATCH") => async () => {
    try {
      setAsking({ text, body, verb, told: await ask(`${where}?preview=true`, { verb, body }) });
    } catch (error) {
      setAsking({ text, error });
    }
  };
  async function go() {
    try {
      await ask(where, { verb: asking.verb, body: asking.body });
      setAsking(null);
      onDone(`Done: ${asking.text.toLowerCase()}.`);
    } catch (error) {
      setAsking({ ...asking, error });
    }
  }
  return html`<article class="card item"><div class="body rule-card">
    <div class="stack tight"><${Rule} text=${rule.rule} />
    ${rule.comment && html`<p class="muted small">${rule.comment}</p>`}
    ${status.data?.error && html`<div class="note bad"><strong>Not in effect.</strong><pre>${status.data.error}</pre></div>`}
    ${(rule.name || !rule.enabled) && html`<div class="row">${rule.name && html`<${Badge} kind="accent">${rule.name}<//>`}${!rule.enabled && html`<${Badge} kind="warn">switched off<//>`}</div>`}</div>
      <div class="row tools"><button class="quiet" type="button" onClick=${onEdit}>Edit</button>
        <button class="quiet" type="button" onClick=${change(rule.enabled ? "Switch the rule off" : "Switch the rule on", { enabled: !rule.enabled })}>${rule.enabled ? "Switch off" : "Switch on"}</button>
        <button class="quiet" type="button" onClick=${change("Delete the rule", undefined, "DELETE")}>Delete</button></div>
    ${asking && html`<${Dialog} title=${`${asking.text}?`} onClose=${() => setAsking(null)}>
      <${Rule} text=${rule.rule} /><${Problem} error=${asking.error} />${asking.told && html`<${Preview} told=${asking.told} />`}
      <div class="row end"><button type="button" onClick=${() => setAsking(null)}>Cancel</button>
        ${asking.told && html`<button class="primary" type="button" onClick=${go}>${asking.text}</button>`}</div><//>`}
  </div></article>`;
}

/** The words of the vocabulary, read once for an editor. */
function useVocabulary(policy) {
  const words = useRef(null);
  return useCallback(() => {
    words.current ||= ask(path`/v1/policies/${policy}/vocabulary`).then(
      (known) => ({ ...known, name: policy, own: known.policies.find((each) => each.name === policy)?.tables || [] }),
      () => { words.current = null; return { name: policy, own: [], datasources: [], policies: [], builtins: [] }; },
    );
    return words.current;
  }, [policy]);
}

function RuleEditor({ policy, rule, onDone, onCancel }) {
  const [text, setText] = useState(rule?.rule || "");
  const [comment, setComment] = useState(rule?.comment || "");
  const [checked, setChecked] = useState(null);
  const [told, setTold] = useState(null);
  const [error, setError] = useState(null);
  const vocabulary = useVocabulary(policy);
  useEffect(() => { vocabulary(); }, []);
  const check = (now) => (now.trim()
    ? ask(path`/v1/policies/${policy}/check`, { verb: "POST", body: { text: now, replaces: rule?.id ?? null } }).catch((problem) => { setError(problem); return { diagnostics: [], statements: [], accepted: true }; })
    : Promise.resolve({ diagnostics: [], statements: [], accepted: false }));
  const hasErrors = checked ? checked.text === text && !checked.accepted : !text.trim();
  const several = checked?.text === text ? checked.statements.length : 1;

  async function send(preview) {
    setError(null);
    const now = await check(text);
    if (!now.accepted) return setChecked({ ...now, text });
    const body = rule ? { ...rule, id: undefined, rule: text, comment } : { rules: now.statements.map((one) => ({ rule: one.text, comment })) };
    const where = rule ? path`/v1/policies/${policy}/rules/${rule.id}` : path`/v1/policies/${policy}/rules`;
    try {
      const answer = await ask(where + (preview ? "?preview=true" : ""), { verb: rule ? "PUT" : "POST", body });
      if (preview) setTold({ ...answer, text });
      else onDone(rule ? "The rule is changed." : `${now.statements.length === 1 ? "The rule is" : `${now.statements.length} rules are`} in effect.`);
    } catch (problem) {
      setError(problem);
    }
    return undefined;
  }

  return html`<${Card} title=${rule ? "Change the rule" : "New rules"} aside="Ctrl-Space completes, Ctrl-Enter previews, Escape then Tab leaves">
    <div class="stack">
      <${Editor} text=${text} label="Rules" vocabulary=${vocabulary} check=${check} onSave=${() => send(true)}
        onChange=${(now) => { setText(now); setTold(null); setError(null); }} onCheck=${(answer, now) => setChecked({ ...answer, text: now })} />
      <${Diagnostics} checked=${checked} />
      <${Field} label="Comment"><input value=${comment} maxlength="255" onInput=${(event) => setComment(event.target.value)} /><//>
      <${Problem} error=${error} />
      ${told?.text === text && html`<${Preview} told=${told} />`}
      <div class="row end"><button type="button" onClick=${onCancel}>Cancel</button>
        <button type="button" disabled=${hasErrors} onClick=${() => send(true)}>Preview</button>
        <button class="primary" type="button" disabled=${hasErrors} onClick=${() => send(false)}>${several > 1 ? `Save ${several} rules` : "Save"}</button></div>
    </div><//>`;
}

/** The same that the editor marks, in words and for those who do not see the marks. */
function Diagnostics({ checked }) {
  const found = checked?.diagnostics || [];
  return html`<ul class="stack tight diagnostics" aria-live="polite">${found.map((one) => html`<li class=${`note small ${one.severity === "error" ? "bad" : "warn"}`}>
    <strong>Line ${one.line}, column ${one.column}:</strong> ${one.message}${one.hint && html` <em>${one.hint}</em>`} <code>${one.code}</code></li>`)}</ul>`;
}
