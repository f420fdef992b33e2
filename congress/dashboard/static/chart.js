// Curves over time, drawn as steps, since a number of violations jumps.

import { html } from "./preact.js";

const [WIDTH, HEIGHT, EDGE] = [900, 220, 4];

function Steps({ series, since, until, label }) {
  const highest = Math.max(1, ...series.flatMap((each) => each.points.map(([, count]) => count)));
  const [top, step] = scale(highest);
  const x = (time) => ((Math.max(since, time) - since) / (until - since)) * WIDTH;
  const y = (count) => EDGE + (1 - count / top) * (HEIGHT - 2 * EDGE);
  const lines = Array.from({ length: Math.round(top / step) + 1 }, (_, place) => place * step);
  return html`<svg class="chart" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${label}>
    ${lines.map((count) => html`<line class="grid" x1="0" x2=${WIDTH} vector-effect="non-scaling-stroke" y1=${y(count)} y2=${y(count)} />`)}
    ${series.map(({ points }, place) => html`<g class=${`k${Math.min(place + 1, 7)}`}>
      <path class="area" stroke="none" d=${`${steps(points, x, y)}V${y(0)}H${x(points[0]?.[0] ?? since)}Z`} />
      <path class="edge" vector-effect="non-scaling-stroke" d=${steps(points, x, y)} /></g>`)}
  </svg>`;
}

/**
 * Open violations. `series`: [{name, points: [[time, count], …]}]; `since` and `until`: milliseconds. The words stand
 * beside the picture, which is stretched to the width there is.
 */
export function Chart(given) {
  const highest = Math.max(1, ...given.series.flatMap((each) => each.points.map(([, count]) => count)));
  return html`<figure class="figure-chart"><div class="plot">
      <div class="ticks" aria-hidden="true"><span>${scale(highest)[0].toLocaleString()}</span><span>0</span></div>
      <${Steps} ...${given} />
    </div>
    <div class="times small muted" aria-hidden="true"><span>${clock(given.since, given)}</span><span>${clock((given.since + given.until) / 2, given)}</span><span>now</span></div>
  </figure>`;
}

function clock(time, { since, until }) {
  const date = new Date(time);
  return until - since > 86400_000 * 1.5
    ? date.toLocaleDateString([], { month: "short", day: "numeric" })
    : date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

function scale(highest) {
  const power = 10 ** Math.floor(Math.log10(highest));
  const step = [1, 2, 5, 10].map((factor) => (factor * power) / 2).find((size) => highest / size <= 4) || power;
  const whole = Math.max(1, Math.ceil(step));
  return [Math.ceil(highest / whole) * whole, whole];
}

function steps(points, x, y) {
  if (!points.length) return "";
  const [[first, count], ...rest] = points;
  return `M${round(x(first))} ${round(y(count))}` + rest.map(([time, value]) => `H${round(x(time))}V${round(y(value))}`).join("");
}

function round(value) {
  return Math.round(value * 10) / 10;
}
