// What can be written at the cursor: tables behind `nova:`, columns inside `nova:servers(`, builtins and tables elsewhere.

const PREFIXED = /([A-Za-z_][\w.]*):([\w.]*)$/;
const WORD = /[A-Za-z_][\w.]*$/;
const SNIPPETS = [["not", "keyword", "the negation of a table"], ["execute[", "keyword", "an action, in a head"]];

/** The table whose arguments surround the end of a text: [policy, table], or null. */
export function surrounding(text) {
  let depth = 0;
  for (let place = text.length - 1; place >= 0; place--) {
    if (text[place] === ")") depth++;
    else if (text[place] === "(" && depth-- === 0) {
      const found = /(?:([A-Za-z_][\w.]*):)?([A-Za-z_][\w.]*)$/.exec(text.slice(0, place));
      return found ? [found[1], found[2]] : null;
    }
  }
  return null;
}

function statement(text) {
  return text.slice(Math.max(text.lastIndexOf(":-") + 1, 0, text.lastIndexOf("\n\n")));
}

function option(label, type, detail = "", info = "", apply = label) {
  return { label, type, detail, info: info || undefined, apply };
}

export async function completions(context, vocabulary) {
  const line = context.state.sliceDoc(0, context.pos);
  const known = await vocabulary();
  const inside = surrounding(statement(line));
  const prefixed = PREFIXED.exec(line);
  if (prefixed) {
    const [, policy, begun] = prefixed;
    return { from: context.pos - begun.length, options: tables(known, policy), validFor: /^[\w.]*$/ };
  }
  const begun = WORD.exec(line)?.[0] || "";
  const columns = inside?.[0] ? columnsOf(known, ...inside) : [];
  if (!begun && !context.explicit && !(columns.length && /[(,]\s*$/.test(line))) return null;
  const from = context.pos - begun.length;
  if (inside) return columns.length ? { from, options: columns, validFor: /^\w*$/ } : null;
  return { from, options: elsewhere(known), validFor: /^[\w.]*$/ };
}

function tables(known, policy) {
  const source = known.datasources.find((each) => each.name === policy);
  if (source) return source.tables.map((table) => option(table.name, "class", `${table.columns.length} columns`, table.columns.map((column) => column.name).join(", "), `${table.name}(`));
  const other = known.policies.find((each) => each.name === policy);
  if (policy === "builtin") return builtins(known);
  return (other?.tables || []).map((table) => option(table, "class", "", "", `${table}(`));
}

function columnsOf(known, policy, table) {
  const found = known.datasources.find((each) => each.name === policy)?.tables.find((each) => each.name === table);
  return (found?.columns || []).map((column) => option(`${column.name}=`, "property", "", column.description));
}

function builtins(known) {
  return known.builtins.map((each) => option(each.name, "function", each.signature.slice(each.name.length), each.description, `${each.name}(`));
}

function elsewhere(known) {
  return [
    ...known.own.map((table) => option(table, "class", "table", "", `${table}(`)),
    ...known.datasources.map((source) => option(`${source.name}:`, "namespace", "datasource")),
    ...known.policies.filter((policy) => policy.name !== known.name).map((policy) => option(`${policy.name}:`, "namespace", "policy")),
    ...builtins(known),
    ...SNIPPETS.map(([label, type, info]) => option(label, type, "", info)),
  ];
}
