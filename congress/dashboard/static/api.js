// Requests to the REST API. All of them go through `ask`; names in paths are encoded by `path`.

import { session } from "./session.js";

const ROOT = new URL("../", import.meta.url);

export class ApiError extends Error {
  constructor(message, status, data = null, request = "") {
    super(message);
    Object.assign(this, { status, data, request });
  }
}

/** path`/v1/policies/${name}` with every value encoded. */
export function path(parts, ...values) {
  return parts.reduce((text, part, place) => text + part + (place < values.length ? encodeURIComponent(values[place]) : ""), "");
}

/** A query string of the values that are given. */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? "?" + new URLSearchParams(given) : "";
}

export function open(where, { verb = "GET", body, signal, headers = {} } = {}) {
  const sent = { ...headers };
  if (session.token) sent["X-Auth-Token"] = session.token;
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const text = body === undefined ? undefined : JSON.stringify(body);
  return fetch(new URL(where.replace(/^\//, ""), ROOT), { method: verb, body: text, headers: sent, signal });
}

/** The answer's JSON; throws ApiError. A token that is not valid any longer ends the session. */
export async function ask(where, options = {}) {
  let answer;
  try {
    answer = await open(where, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The server cannot be reached.", 0);
  }
  if (answer.ok) return (answer.headers.get("Content-Length") === "0" ? null : answer.json().catch(() => null));
  const error = await failure(answer);
  if (answer.status === 401 && session.token) session.end("Your session has ended; please log in again.");
  throw error;
}

export async function failure(answer) {
  const told = await answer.json().catch(() => null);
  const message = told?.error?.message || `The server answered ${answer.status}.`;
  const request = answer.headers.get("X-Request-Id") || "";
  return new ApiError(message.replace(/^[A-Z][\w ]+::/, ""), answer.status, told?.error?.error_data, request);
}

/** All items of a list that is answered in pages; at most so many of them. */
export async function all(where, { signal, most = 5000 } = {}) {
  const found = [];
  let marker;
  do {
    const page = await ask(where + (where.includes("?") ? "&" : "?") + query({ limit: 1000, marker }).slice(1), { signal });
    found.push(...page.results);
    marker = page.next_marker;
  } while (marker && found.length < most);
  return found;
}

/** Do `work` for each item, four at a time; what fails is answered as {error}. */
export async function each(items, work) {
  const waiting = [...items.entries()];
  const done = new Array(items.length);
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      done[next[0]] = await work(next[1]).catch((error) => {
        if (error.name === "AbortError") throw error;
        return { error };
      });
    }
  }));
  return done;
}
