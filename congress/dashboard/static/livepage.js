// What opens and closes, as it happens.

import { html, useState } from "./preact.js";
import { useLive } from "./live.js";
import { Badge, Card, Empty, Page, When } from "./parts.js";
import { literal } from "./preview.js";
import { href } from "./router.js";

export function LivePage() {
  const { recent, state, problem, missed } = useLive();
  const [text, setText] = useState("");
  const [held, setHeld] = useState(null);
  const wanted = text.trim().toLowerCase();
  const shown = (held || recent).filter((event) => `${event.policy}:${literal(event.table, event.row)}`.toLowerCase().includes(wanted));
  return html`<${Page} title="Live" lead="Every violation that opens or closes, as it happens. The last 200 are kept here."
      actions=${html`<button type="button" aria-pressed=${held ? "true" : "false"} onClick=${() => setHeld(held ? null : recent)}>${held ? `Go on (${recent.length && held[0] !== recent[0] ? "there is news" : "no news"})` : "Hold still"}</button>`}>
    ${state === "waiting" && html`<div class="note warn" role="status">The stream is interrupted and will be taken up where it ended. ${problem}</div>`}
    ${missed && html`<div class="note warn" role="status">The events after ${missed.after} up to ${missed.until} are forgotten. What is open now stands with each policy.</div>`}
    <label>Filter<input type="search" value=${text} onInput=${(event) => setText(event.target.value)} placeholder="policy, table or cell" /></label>
    <${Card} flush>${shown.length === 0 ? html`<${Empty}>Nothing has happened since this page was opened.<//>` : html`
      <div class="scroll" tabindex="0" role="region" aria-label="Events"><table class="stacks"><thead><tr><th>When</th><th>What</th><th>Row</th><th class="number">Revision</th><th><span class="visually-hidden">Explanation</span></th></tr></thead>
      <tbody aria-live="polite">${shown.map((event) => html`<tr key=${event.id} class="fresh"><td><${When} at=${event.at} /></td>
        <td><${Badge} kind=${event.change === "entered" ? "bad" : "good"} dot>${event.change === "entered" ? "opened" : "closed"}<//></td>
        <td class="cell">${event.policy}:${literal(event.table, event.row)}</td><td class="number" data-label="Revision">${event.revision}</td>
        <td class="number"><a href=${href(["policies", event.policy, "explain", event.table], { row: JSON.stringify(event.row) })}>Why?</a></td></tr>`)}</tbody></table></div>`}<//>
  <//>`;
}
