// The rows of a policy's tables, which change while one looks at them.

import { html, useEffect, useState } from "./preact.js";
import { all, path } from "./api.js";
import { useEvents } from "./live.js";
import { Card, Empty, Field, Loaded, useData, useSoon } from "./parts.js";
import { go, href } from "./router.js";
import { headVariables } from "./syntax.js";
import { RowsTable } from "./table.js";
import { WATCHED } from "./violations.js";

async function read(policy, signal) {
  const [tables, rules] = await Promise.all([
    all(path`/v1/policies/${policy}/tables`, { signal }),
    all(path`/v1/policies/${policy}/rules`, { signal }),
  ]);
  const names = tables.map((each) => each.id);
  return { own: names.filter((name) => !/(^|[^[]\w*):/.test(name) || name.startsWith("execute[")), names, rules };
}

function columnsOf(rules, table) {
  for (const { rule } of rules) {
    const names = headVariables(rule, table);
    if (names) return names;
  }
  return null;
}

export function RowsTab({ policy, table }) {
  const state = useData((signal) => read(policy.name, signal), [policy.name]);
  return html`<${Loaded} state=${state}>${({ own, rules }) => {
    if (!own.length) return html`<${Card}><${Empty}>No rule has a table yet.<//><//>`;
    const chosen = table || WATCHED.find((name) => own.includes(name)) || own[0];
    return html`<div class="stack">
      <div class="inline"><${Field} label="Table"><select value=${chosen} onChange=${(event) => go(["policies", policy.name, "rows", event.target.value])}>
        ${[...new Set([...own, chosen])].map((name) => html`<option value=${name} selected=${name === chosen}>${name}</option>`)}</select><//></div>
      <${LiveRows} key=${chosen} policy=${policy.name} table=${chosen} columns=${columnsOf(rules, chosen)} />
    </div>`;
  }}<//>`;
}

function LiveRows({ policy, table, columns }) {
  const [turn, setTurn] = useState(0);
  const [fresh, setFresh] = useState(new Set());
  const soon = useSoon(() => setTurn((count) => count + 1), 50);
  useEvents((event) => {
    if (event.missed) return soon();
    if (event.policy !== policy) return undefined;
    if (event.table === table && event.change === "entered") setFresh((old) => new Set([...[...old].slice(-99), JSON.stringify(event.row)]));
    return soon();
  }, [policy, table, soon]);
  useEffect(() => {
    const timer = setTimeout(() => fresh.size && setFresh(new Set()), 4000);
    return () => clearTimeout(timer);
  }, [fresh]);
  const why = (row) => html`<a href=${href(["policies", policy, "explain", table], { row: JSON.stringify(row) })}>Why?</a>`;
  return html`<${Card} flush><${RowsTable} where=${path`/v1/policies/${policy}/tables/${table}/rows`} label=${`Rows of ${table}`} columns=${columns} act=${why} fresh=${fresh} turn=${turn} /><//>`;
}
