// Logging in. A server without Keystone needs none, and is entered at once.

import { html, useEffect, useState } from "./preact.js";
import { ask } from "./api.js";
import { Field, Problem } from "./parts.js";
import { session } from "./session.js";

export function LoginPage({ ended }) {
  const [error, setError] = useState(null);
  const [needed, setNeeded] = useState(false);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Log in · Congress";
    ask("/dashboard/session").then((told) => (told.auth === "noauth" ? session.begin({ auth: "noauth" }) : setNeeded(true)), setError);
  }, []);

  async function submit(event) {
    event.preventDefault();
    const { user, password, domain, project } = Object.fromEntries(new FormData(event.target));
    setBusy(true);
    setError(null);
    try {
      session.begin(await ask("/dashboard/login", { verb: "POST", body: { user, password, ...(domain && { domain }), project: project || null } }));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  }

  return html`<main class="login"><div class="card"><div class="inside">
    <div class="brand"><img src="dashboard/mark.svg" alt="" />Congress</div>
    <div><h1>Log in</h1><p class="muted small">With the account that you have in this cloud.</p></div>
    ${ended && html`<div class="note warn" role="status">${ended}</div>`}
    <${Problem} error=${error} />
    ${needed && html`<form class="form" onSubmit=${submit}>
      <${Field} label="User"><input name="user" autocomplete="username" required autofocus /><//>
      <${Field} label="Password"><input name="password" type="password" autocomplete="current-password" required /><//>
      <${Field} label="Project" hint="Leave it empty to use your roles on the system."><input name="project" /><//>
      <${Field} label="Domain"><input name="domain" placeholder="Default" /><//>
      <button class="primary" disabled=${isBusy}>${isBusy ? "Asking Keystone …" : "Log in"}</button>
    </form>`}
  </div></div></main>`;
}
