// One stream of server-sent events for the whole page. `EventSource` cannot send a token, so the stream is read by hand.

import { useEffect, useState } from "./preact.js";
import { failure, open } from "./api.js";
import { session } from "./session.js";

const KEPT = 200;
const listeners = new Set();
let running = null;
let status = { state: "off", last: null, recent: [], problem: "", missed: null };

function tell(event) {
  for (const listener of [...listeners]) listener(event, status);
}

function become(change) {
  status = { ...status, ...change };
  tell(null);
}

/** Server-sent events in a piece of text: [what is complete, the rest]. */
export function parse(text) {
  const blocks = text.replaceAll("\r\n", "\n").split("\n\n");
  const rest = blocks.pop();
  return [blocks.map(block).filter((event) => event.data), rest];
}

function block(text) {
  const event = { name: "message", id: null, data: "" };
  for (const line of text.split("\n")) {
    const [field, value] = [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).replace(/^ /, "")];
    if (field === "event") event.name = value;
    else if (field === "id") event.id = value;
    else if (field === "data") event.data += value;
  }
  return event;
}

async function read(signal) {
  const headers = { Accept: "text/event-stream", ...(status.last ? { "Last-Event-ID": status.last } : {}) };
  const answer = await open("/v1/events", { signal, headers });
  if (!answer.ok) throw await failure(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const [events, left] = parse(rest + value);
    rest = left;
    events.forEach(take);
  }
}

function take({ name, id, data }) {
  if (id) status.last = id;
  const content = JSON.parse(data);
  if (name === "begin") become({ state: "on", problem: "", last: id || content.latest });
  else if (name === "missed") {
    status = { ...status, missed: content };
    tell({ missed: true, ...content });
  }
  else {
    status = { ...status, recent: [content, ...status.recent].slice(0, KEPT) };
    tell(content);
  }
}

async function follow(signal) {
  let pause = 500;
  while (!signal.aborted) {
    const began = Date.now();
    try {
      await read(signal);
      pause = 500;
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 401 && session.token) return session.end("Your session has ended; please log in again.");
      become({ state: "waiting", problem: error.message });
      pause = Date.now() - began > 10_000 ? 500 : Math.min(pause * 2, 15_000);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

export function start() {
  if (running) return;
  running = new AbortController();
  follow(running.signal);
}

export function stop() {
  running?.abort();
  running = null;
  status = { state: "off", last: null, recent: [], problem: "", missed: null };
}

/** Call `listener(event)` for each event from now on; `event.missed` says that some are lost and lists are to be read anew. */
export function useEvents(listener, dependencies) {
  useEffect(() => {
    const heard = (event) => event && listener(event);
    listeners.add(heard);
    return () => listeners.delete(heard);
  }, dependencies);
}

/** The state of the stream and its last events. */
export function useLive() {
  const [seen, setSeen] = useState(status);
  useEffect(() => {
    const heard = (_event, now) => setSeen(now);
    listeners.add(heard);
    heard(null, status);
    return () => listeners.delete(heard);
  }, []);
  return seen;
}
