// How many violations there are, and how many there were.

import { all, ask, path } from "./api.js";

export const WATCHED = ["error", "warning"];

/** {error: 3, warning: 0} of a policy, with only the tables that it has. */
export async function watchedCounts(policy, signal) {
  const tables = await all(path`/v1/policies/${policy}/tables`, { signal });
  const there = WATCHED.filter((table) => tables.some((each) => each.id === table));
  const counts = {};
  for (const table of there) {
    counts[table] = (await ask(path`/v1/policies/${policy}/tables/${table}/rows` + "?limit=1", { signal })).total;
  }
  return counts;
}

/**
 * How many were open at which time, from what is open now and the changes since, newest first: [[time, count], …],
 * oldest first. It reaches back to `since`, or, when `isCut`, to the oldest change that is known.
 */
export function curve(now, changes, since, isCut, until = Date.now()) {
  const points = [[until, now]];
  let count = now;
  for (const change of changes) {
    const at = Date.parse(change.at);
    if (at < since) break;
    points.push([at, count]);
    count -= change.change === "entered" ? 1 : -1;
    points.push([at, count]);
  }
  if (!isCut) points.push([since, count]);
  return points.reverse();
}
