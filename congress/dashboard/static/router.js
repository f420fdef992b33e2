// Where the page is: the part of the address behind `#`, as names and parameters.

import { useEffect, useState } from "./preact.js";
import { query } from "./api.js";

function here() {
  const [names, parameters] = location.hash.replace(/^#\/?/, "").split("?");
  return { names: names.split("/").filter(Boolean).map(decoded), parameters: Object.fromEntries(new URLSearchParams(parameters || "")) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a page: href(["policies", name], {tab: "rows"}). */
export function href(names, parameters = {}) {
  return "#/" + names.map(encodeURIComponent).join("/") + query(parameters);
}

export function go(names, parameters = {}, { replace = false } = {}) {
  const target = href(names, parameters);
  if (replace) history.replaceState(null, "", target);
  else location.hash = target;
  if (replace) dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute() {
  const [route, setRoute] = useState(here);
  useEffect(() => {
    const moved = () => setRoute(here());
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  return route;
}
