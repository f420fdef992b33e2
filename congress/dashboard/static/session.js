// Who is logged in. The token lives in this tab only: in memory, and in sessionStorage so that a reload keeps it.

const KEY = "congress.session";
const listeners = new Set();
let state = read();

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) || {};
  } catch {
    return {};
  }
}

function become(next) {
  state = next;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(state));
  } catch { /* a browser that keeps nothing: a reload logs out */ }
  for (const listener of listeners) listener(state);
}

export const session = {
  get state() { return state; },
  get token() { return state.token || null; },
  begin(granted) { become({ ...granted, since: Date.now() }); },
  end(reason = "") { become({ ended: reason }); },
  listen(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
