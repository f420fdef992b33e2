// Small parts that all pages are made of.

import { h, html, useCallback, useEffect, useRef, useState } from "./preact.js";
import { href } from "./router.js";

/**
 * What `load(signal)` answers: {data, error, loading, reload}. The data stays while it is read again. Who asks for a
 * reload while one is under way gets another one behind it, so that a slow server is not asked in vain over and over.
 */
export function useData(load, dependencies) {
  return useReading(load, dependencies, () => ({ loading: true }));
}

/** The same for another piece of what is shown, such as its next page: the old one stays until the new one is there. */
export function useKept(load, dependencies) {
  return useReading(load, dependencies, ({ data }) => ({ data, loading: true }));
}

function useReading(load, dependencies, begun) {
  const [state, setState] = useState({ loading: true });
  const run = useRef(() => {});
  useEffect(() => {
    const aborter = new AbortController();
    let [isBusy, again] = [false, false];
    const show = (change) => aborter.signal.aborted || setState(change);
    run.current = async () => {
      if (isBusy) {
        again = true;
        return;
      }
      isBusy = true;
      try {
        const data = await load(aborter.signal);
        show({ data, loading: false });
      } catch (error) {
        show(({ data }) => ({ data, error, loading: false }));
      }
      isBusy = false;
      if (again && !aborter.signal.aborted) {
        again = false;
        run.current();
      }
    };
    setState(begun);
    run.current();
    return () => aborter.abort();
  }, dependencies);
  const reload = useCallback(() => run.current(), []);
  return { ...state, reload };
}

/** Call `reload` soon after it is asked for, once for many askings, also when they never end. */
export function useSoon(reload, milliseconds = 150) {
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ||= setTimeout(() => {
      timer.current = 0;
      reload();
    }, milliseconds);
  }, [reload]);
}

/** Call `work` every so many seconds while the page is looked at. */
export function useEvery(seconds, work) {
  useEffect(() => {
    const timer = setInterval(() => document.hidden || work(), seconds * 1000);
    return () => clearInterval(timer);
  }, [work]);
}

export function Page({ title, lead, crumbs = [], actions, children }) {
  useEffect(() => {
    document.title = `${title} · Congress`;
  }, [title]);
  return html`
    <div class="head">
      <div>
        ${crumbs.length > 0 && html`<nav class="crumbs" aria-label="Where this is">${crumbs.map(([text, names]) => html`<a href=${href(names)}>${text}</a> / `)}</nav>`}
        <h1>${title}</h1>
        ${lead && html`<p class="lead">${lead}</p>`}
      </div>
      ${actions && html`<div class="row">${actions}</div>`}
    </div>
    ${children}`;
}

export function Card({ title, aside, flush = false, level = 2, children, ...more }) {
  return html`<section class="card" ...${more}>
    ${title && html`<header>${level === 2 ? html`<h2>${title}</h2>` : html`<h3>${title}</h3>`}${aside && html`<div class="row small muted">${aside}</div>`}</header>`}
    <div class=${flush ? "body flush" : "body"}>${children}</div>
  </section>`;
}

export function Problem({ error }) {
  if (!error) return null;
  const [first, ...rest] = error.message.split("\n");
  return html`<div class="note bad" role="alert">${first}${rest.length > 0 && html`<pre>${rest.join("\n")}</pre>`}
    ${error.request && html`<div class="small">Request ${error.request}</div>`}</div>`;
}

/** What there is to show of something that is being read. */
export function Loaded({ state, children }) {
  if (state.error) return html`<${Problem} error=${state.error} />`;
  if (state.data === undefined) return html`<p class="busy" role="status">Reading …</p>`;
  return children(state.data);
}

export function Badge({ kind = "", dot = false, children }) {
  return html`<span class=${`badge ${kind} ${dot ? "dot" : ""}`}>${children}</span>`;
}

export function Empty({ children }) {
  return html`<div class="empty">${children}</div>`;
}

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "never";
  if (seconds < 1) return "less than 1 s";
  const [size, unit] = UNITS.find(([length]) => seconds >= length);
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** A time: how long ago, and exactly when one points at it. */
export function When({ at }) {
  const [, setTurn] = useState(0);
  useEvery(20, useCallback(() => setTurn((count) => count + 1), []));
  if (!at) return html`<span class="muted">never</span>`;
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return html`<span>${at}</span>`;
  const seconds = Math.max(0, (Date.now() - time) / 1000);
  return html`<time datetime=${time.toISOString()} title=${time.toLocaleString()}>${seconds < 5 ? "just now" : `${duration(seconds)} ago`}</time>`;
}

/** A dialog over the page; the browser keeps the focus inside, Escape closes it. */
export function Dialog({ title, onClose, children }) {
  const box = useRef();
  useEffect(() => {
    const before = document.activeElement;
    box.current.showModal();
    return () => before?.focus();
  }, []);
  return html`<dialog ref=${box} aria-label=${title} onClose=${onClose}>
    <div class="inside"><h2>${title}</h2>${children}</div>
  </dialog>`;
}

let fields = 0;

/** A control with its name above and an explanation below it, each tied to it for screen readers. */
export function Field({ label, hint, children: control }) {
  const id = useRef(null);
  id.current ??= `field-${++fields}`;
  const tied = { ...control.props, id: id.current, "aria-describedby": hint ? `${id.current}-hint` : null };
  return html`<div class="field"><label for=${id.current}>${label}</label>${h(control.type, tied)}
    ${hint && html`<span class="hint" id=${`${id.current}-hint`}>${hint}</span>`}</div>`;
}

export function Segments({ label, value, choices, onChange }) {
  return html`<div class="segments" role="group" aria-label=${label}>${choices.map(([key, text]) => html`
    <button type="button" aria-pressed=${value === key ? "true" : "false"} onClick=${() => onChange(key)}>${text}</button>`)}</div>`;
}

let say = () => {};

/** Tell what was done, for eyes and screen readers. */
export function toast(text) {
  say(text);
}

export function Toasts() {
  const [shown, setShown] = useState([]);
  useEffect(() => {
    say = (text) => {
      const item = { text, key: Math.random() };
      setShown((old) => [...old.slice(-2), item]);
      setTimeout(() => setShown((old) => old.filter((each) => each !== item)), 6000);
    };
  }, []);
  return html`<div class="toasts" role="status" aria-live="polite">${shown.map((item) => html`<div class="toast" key=${item.key}>${item.text}</div>`)}</div>`;
}
