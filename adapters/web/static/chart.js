// A chart as a drawing that scales without scaling its words, and the same figures as a table.

import { table } from "./cards.js";
import { el, fresh, svg } from "./dom.js";
import { number, say } from "./words.js";

const ROW = 14;
const GAP = 12;
const NAME = 19;
const TOP = 16;
const HEIGHT = 104;
const FOOT = TOP + HEIGHT + 6;
const INDENT = 8;

export function chart(block, locale) {
  const id = fresh("chart");
  const drawing = block.form === "line" ? lines(block, locale) : bars(block, locale);
  for (const [name, value] of Object.entries({ role: "img", "aria-labelledby": id })) drawing.setAttribute(name, value);
  const legend = el("ul", { class: "legend" }, block.series.map((one, at) => el("li", { class: `series-${at}` }, one.name)));
  const rows = block.labels.map((label, at) => [label, ...block.series.map((one) => figure(one.values[at], locale))]);
  const header = ["", ...block.series.map((one) => one.name)];
  return el(
    "figure",
    { class: "chart" },
    el("figcaption", { id }, block.title),
    block.series.length > 1 ? legend : null,
    drawing,
    el("details", {}, el("summary", {}, say("chart.figures")), table({ caption: block.title, header, rows })),
  );
}

function figure(value, locale) {
  return value === null || value === undefined ? "–" : number(value, locale);
}

function bars(block, locale) {
  const most = Math.max(...block.series.flatMap((one) => one.values.map((value) => Math.max(0, value ?? 0))), 0) || 1;
  const isSingle = block.series.length === 1;
  const step = NAME + block.series.length * ROW + GAP;
  const full = isSingle ? 100 : 88;
  const drawing = svg("svg", { class: "bars", width: "100%", height: step * block.labels.length });
  block.labels.forEach((label, row) => {
    const top = row * step;
    drawing.append(svg("text", { x: 0, y: top + 13, class: "name" }, label));
    block.series.forEach((one, at) => {
      const share = Math.max(0, one.values[row] ?? 0) / most;
      const y = top + NAME + at * ROW;
      const bar = { x: 0, y, height: ROW - 5, rx: 4.5 };
      drawing.append(
        svg("rect", { ...bar, width: `${full}%`, class: "track" }),
        svg("rect", { ...bar, width: `${full * share}%`, class: `series-${at}` }),
        svg("text", { x: "100%", y: isSingle ? top + 13 : y + ROW - 5, "text-anchor": "end", class: "value" }, figure(one.values[row], locale)),
      );
    });
  });
  return drawing;
}

function lines(block, locale) {
  const { low, high } = bounds(block.series.flatMap((one) => one.values.filter((value) => value !== null)));
  const last = Math.max(1, block.labels.length - 1);
  const y = (value) => TOP + HEIGHT * (1 - (value - low) / (high - low));
  const plot = svg("svg", { width: "100%", height: FOOT, viewBox: `0 0 100 ${FOOT}`, preserveAspectRatio: "none" });
  const drawing = svg("svg", { class: "lines", width: "100%", height: FOOT + 22 }, plot);
  for (const value of [low, (low + high) / 2, high]) {
    plot.append(svg("line", { x1: 0, x2: 100, y1: y(value), y2: y(value), class: "grid" }));
    drawing.append(svg("text", { x: 0, y: y(value) - 4, class: "value" }, figure(value, locale)));
  }
  block.series.forEach((one, at) => {
    const points = one.values.map((value, x) => (value === null ? null : `${INDENT + ((100 - INDENT) * x) / last},${y(value)}`));
    plot.append(svg("polyline", { points: points.filter(Boolean).join(" "), class: `stroke series-${at}` }));
  });
  drawing.append(svg("text", { x: `${INDENT}%`, y: FOOT + 14, class: "value" }, block.labels[0] ?? ""));
  if (block.labels.length > 1) drawing.append(svg("text", { x: "100%", y: FOOT + 14, "text-anchor": "end", class: "value" }, block.labels.at(-1)));
  return drawing;
}

// Round figures around all values, so that the lines fill the drawing and the axis can be read.
function bounds(values) {
  const least = Math.min(...values, Infinity);
  const most = Math.max(...values, -Infinity);
  if (!values.length) return { low: 0, high: 1 };
  const step = 10 ** Math.floor(Math.log10(Math.max(most - least, Math.abs(most) / 10, 1e-9)));
  const low = Math.floor(least / step) * step;
  const high = Math.ceil(most / step) * step;
  return high > low ? { low, high } : { low, high: low + step };
}
