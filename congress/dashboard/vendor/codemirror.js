export { EditorView, keymap, lineNumbers, highlightActiveLine, drawSelection, highlightSpecialChars, placeholder, tooltips } from "@codemirror/view";
export { EditorState, Compartment } from "@codemirror/state";
export { StreamLanguage, HighlightStyle, syntaxHighlighting, bracketMatching } from "@codemirror/language";
export { tags } from "@lezer/highlight";
export { autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap, startCompletion } from "@codemirror/autocomplete";
export { linter, lintGutter, lintKeymap, forceLinting, setDiagnostics } from "@codemirror/lint";
export { history, historyKeymap, defaultKeymap } from "@codemirror/commands";
