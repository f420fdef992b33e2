// The editor of rules: CodeMirror with colours, mistakes as they are made, and completion of tables and columns.
// It stands in a shadow root, where its styles are style sheet objects and nothing is written inline.

import { html, useEffect, useRef } from "./preact.js";
import * as cm from "./codemirror.js";
import { completions } from "./completion.js";
import { language } from "./syntax.js";

const COLOURS = cm.HighlightStyle.define([
  { tag: cm.tags.function(cm.tags.variableName), color: "var(--word)" },
  { tag: cm.tags.string, color: "var(--text)" },
  { tag: cm.tags.number, color: "var(--number)" },
  { tag: cm.tags.comment, color: "var(--comment)" },
  { tag: cm.tags.keyword, color: "var(--keyword)", fontWeight: "600" },
]);

const LOOK = cm.EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "13.5px" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mono)", padding: "10px 0", caretColor: "var(--ink)" },
  ".cm-content, .cm-gutter": { minHeight: "120px" },
  ".cm-line": { padding: "0 12px", lineHeight: "1.65" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--muted)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-placeholder": { color: "var(--muted)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", border: "1px solid var(--line-strong)", borderRadius: "8px", overflow: "hidden", boxShadow: "var(--shadow)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px", maxHeight: "230px" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 10px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent) !important", color: "var(--accent-ink) !important" },
  ".cm-completionDetail": { fontStyle: "normal", color: "inherit", marginLeft: "14px" },
  ".cm-completionInfo": { padding: "6px 10px", maxWidth: "320px" },
  ".cm-diagnostic": { padding: "6px 12px", fontFamily: "var(--sans)" },
  ".cm-diagnostic-error": { borderLeft: "4px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeft: "4px solid var(--warn)" },
});

/** Places are counted in characters by the server, and in UTF-16 by the browser. */
export function offsets(text) {
  const places = [0];
  for (const character of text) places.push(places.at(-1) + character.length);
  return (place) => places[Math.min(place, places.length - 1)];
}

function shown(told, text) {
  const at = offsets(text);
  return told.diagnostics.map(({ start, end, severity, message, hint, code }) => {
    const from = Math.min(at(start), Math.max(0, text.length - 1));
    return { from, to: Math.max(at(end), Math.min(from + 1, text.length)), severity, message: hint ? `${message} (${hint})` : message, source: code };
  });
}

/**
 * `check(text)` answers what the API's check does; `vocabulary()` its words. `onChange(text)` is told every change,
 * `onCheck(answer, text)` every answer.
 */
export function Editor({ text, label, check, vocabulary, onChange, onCheck, onSave }) {
  const host = useRef();
  const given = useRef({});
  given.current = { check, vocabulary, onChange, onCheck, onSave };
  useEffect(() => {
    const root = host.current.shadowRoot || host.current.attachShadow({ mode: "open", delegatesFocus: true });
    const look = async (view) => {
      const now = view.state.doc.toString();
      const told = await given.current.check(now);
      given.current.onCheck(told, now);
      return now === view.state.doc.toString() ? shown(told, now) : [];
    };
    const view = new cm.EditorView({
      root,
      parent: root,
      state: cm.EditorState.create({
        doc: text,
        extensions: [
          cm.lineNumbers(), cm.lintGutter(), cm.history(), cm.drawSelection(), cm.highlightActiveLine(), cm.bracketMatching(), cm.closeBrackets(),
          cm.highlightSpecialChars(), cm.EditorView.lineWrapping, LOOK,
          cm.StreamLanguage.define(language), cm.syntaxHighlighting(COLOURS),
          cm.autocompletion({ override: [(context) => completions(context, given.current.vocabulary)], activateOnCompletion: (chosen) => /[(:]$/.test(chosen.apply) }),
          cm.linter(look, { delay: 250 }),
          cm.placeholder("error(x) :- nova:servers(id=x, status=\"ERROR\")"),
          cm.EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
          cm.keymap.of([{ key: "Mod-Enter", run: () => (given.current.onSave?.(), true) }, ...cm.closeBracketsKeymap, ...cm.completionKeymap, ...cm.lintKeymap, ...cm.historyKeymap, ...cm.defaultKeymap]),
          cm.EditorView.updateListener.of((update) => update.docChanged && given.current.onChange(update.state.doc.toString())),
        ],
      }),
    });
    view.focus();
    return () => view.destroy();
  }, []);
  return html`<div class="editor" ref=${host}></div>`;
}
