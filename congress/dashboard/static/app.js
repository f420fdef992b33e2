// The frame around all pages: who is logged in, where one can go, light or dark.

import { Component, html, render, useCallback, useEffect, useRef, useState } from "./preact.js";
import { ask } from "./api.js";
import { ActionsPage } from "./actions.js";
import { DatasourcePage } from "./datasource.js";
import { DatasourcesPage } from "./datasources.js";
import { LibraryPage } from "./library.js";
import * as live from "./live.js";
import { LivePage } from "./livepage.js";
import { LoginPage } from "./login.js";
import { OverviewPage } from "./overview.js";
import { Badge, Empty, Page, Problem, Segments, Toasts, useData, useSoon } from "./parts.js";
import { PoliciesPage } from "./policies.js";
import { PolicyPage } from "./policy.js";
import { href, useRoute } from "./router.js";
import { session } from "./session.js";
import { SimulationPage } from "./simulation.js";
import * as theme from "./theme.js";

const PAGES = {
  overview: ["Overview", OverviewPage],
  policies: ["Policies", PoliciesPage, PolicyPage],
  live: ["Live", LivePage],
  simulation: ["Simulation", SimulationPage],
  actions: ["Actions", ActionsPage],
  datasources: ["Datasources", DatasourcesPage, DatasourcePage],
  library: ["Library", LibraryPage],
};

/** What is shown in place of a page that cannot be drawn; another page begins anew. */
class Guard extends Component {
  static getDerivedStateFromError(error) {
    return { error };
  }

  render({ children }, { error }) {
    return error ? html`<${Problem} error=${{ message: `This page could not be drawn: ${error.message}` }} />` : children;
  }
}

function App() {
  const [who, setWho] = useState(session.state);
  useEffect(() => session.listen(setWho), []);
  if (!who.auth) return html`<${LoginPage} ended=${who.ended} />`;
  return html`<${Frame} who=${who} />`;
}

function Frame({ who }) {
  const route = useRoute();
  const [isOpen, setOpen] = useState(false);
  const main = useRef();
  const [first = "overview", ...rest] = route.names;
  const [title, List, Element = List] = PAGES[first] || [];
  useEffect(() => {
    live.start();
    return live.stop;
  }, []);
  useEffect(() => {
    setOpen(false);
    if (document.activeElement?.closest("nav")) main.current.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [first, rest[0]]);
  return html`
    <a class="skip" href="#main" onClick=${(event) => { event.preventDefault(); main.current.focus(); }}>Skip to the content</a>
    <div class="frame">
      <header class=${isOpen ? "side open" : "side"}>
        <a class="brand" href="#/"><img src="dashboard/mark.svg" alt="" />Congress</a>
        <button class="menu quiet" type="button" aria-expanded=${isOpen ? "true" : "false"} aria-controls="ways" onClick=${() => setOpen(!isOpen)}>Menu</button>
        <nav id="ways" aria-label="Pages"><ul>${Object.entries(PAGES).map(([name, [text]]) => html`
          <li><a href=${href([name])} aria-current=${name === first ? "page" : null}>${text}${name === "actions" && html`<${Waiting} />`}</a></li>`)}</ul></nav>
        <${Foot} who=${who} />
      </header>
      <main id="main" tabindex="-1" ref=${main}>
        <${Guard} key=${route.names.join("/")}>${List ? (rest.length ? html`<${Element} key=${rest[0]} name=${rest[0]} rest=${rest.slice(1)} parameters=${route.parameters} />`
    : html`<${List} parameters=${route.parameters} />`)
    : html`<${Page} title="Nothing is here"><${Empty}>There is no page ${title || first}. <a href="#/">Go to the overview.</a><//><//>`}<//>
      </main>
    </div>
    <${Toasts} />`;
}

/** How many actions wait for somebody. */
function Waiting() {
  const state = useData((signal) => ask("/v1/actions?state=proposed&limit=100", { signal }), []);
  const soon = useSoon(state.reload, 400);
  live.useEvents((event) => (event.missed || event.table.startsWith("execute[")) && soon(), [soon]);
  useEffect(() => {
    addEventListener("congress-actions", soon);
    return () => removeEventListener("congress-actions", soon);
  }, [soon]);
  const count = state.data?.results.length || 0;
  return count ? html`<${Badge} kind="warn">${state.data.next_marker ? "100+" : count}<span class="visually-hidden"> waiting</span><//>` : null;
}

const STATES = { on: ["good", "Live"], waiting: ["warn", "Reconnecting"], off: ["", "Connecting"] };

function Foot({ who }) {
  const [look, setLook] = useState(theme.chosen());
  const stream = live.useLive();
  const [kind, text] = STATES[stream.state];
  const pick = useCallback((choice) => { theme.choose(choice); setLook(choice); }, []);
  return html`<div class="foot">
    <div><${Badge} kind=${kind} dot>${text}<//></div>
    <${Segments} label="Colours" value=${look} onChange=${pick} choices=${[["auto", "Auto"], ["light", "Light"], ["dark", "Dark"]]} />
    ${who.auth === "keystone"
    ? html`<div>${who.user}<br /><span class="small">${who.project ? `in ${who.project}` : "on the system"}</span></div>
           <div><button type="button" onClick=${() => session.end()}>Log out</button></div>`
    : html`<div class="small">Nobody needs to log in here (noauth).</div>`}
  </div>`;
}

theme.apply();
render(html`<${App} />`, document.getElementById("app"));
