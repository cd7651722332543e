// Lines over the last hour, drawn by uPlot in the colours of the page.

import { h } from "./dom.js";
import { amount, short } from "./format.js";
import { known } from "./live.js";

const LONGEST_S = 3600;
const SHORTEST_S = 600;

/** A chart: `draw(series)` with the columns of /admin/series. `lines`: {label, column, color, isFilled, gaps}. */
export function chart(title, tip, { lines, unit = amount, empty }) {
  const plot = h("div.plot");
  const legend = h("div.legend", {}, lines.map((line) => h("span", {}, h(`i.key.${line.color}`), line.label)));
  const nothing = h("p.nothing", {}, empty);
  const element = h("section.card.chart", {}, h("header", {}, h("h2", { tip }, title), legend), plot, nothing);
  let drawn = null;
  let last = null;
  const resize = () => drawn?.setSize({ width: plot.clientWidth, height: 168 });
  const watching = new ResizeObserver(resize);
  watching.observe(plot);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => { drawn?.destroy(); drawn = null; if (last) draw(last); };
  scheme.addEventListener("change", redraw);

  function draw(series) {
    last = series;
    const data = gridded(series, lines);
    const isEmpty = data.slice(1).every((column) => column.every((value) => !value));
    nothing.hidden = !isEmpty;
    plot.hidden = isEmpty;
    if (isEmpty) return;
    if (drawn) drawn.setData(data);
    else if (plot.clientWidth) drawn = new window.uPlot(options(plot.clientWidth, lines, unit), data, plot);
  }

  return {
    element,
    draw,
    end: () => { watching.disconnect(); scheme.removeEventListener("change", redraw); drawn?.destroy(); },
  };
}

/**
 * Columns on an even grid, since the first traffic, of an hour at most: a stretch without traffic is 0 for counts, and a
 * gap for quantiles; so is the time before the gateway began. The stretch of now is not over, and would look like a fall.
 */
export function gridded(series, lines) {
  const step = series.stretch_s;
  const now = known.state?.at ?? Date.now() / 1000;
  const begun = now - (known.state?.uptime_s ?? Infinity);
  const running = Math.floor(now / step) * step;
  const end = series.at[0] >= running ? running : running - step;
  const since = Math.min(LONGEST_S, Math.max(SHORTEST_S, end - (series.at[0] ?? end) + 6 * step));
  const at = Array.from({ length: since / step }, (_, place) => end - since + (place + 1) * step);
  const rows = new Map(series.at.map((moment, place) => [moment, place]));
  const column = (line) => at.map((moment) => {
    const row = rows.get(moment);
    if (row === undefined) return line.gaps || moment + step < begun ? null : 0;
    const value = series[line.column][row];
    return value === null || value === undefined ? null : value * (line.times ?? 1);
  });
  return [at, ...lines.map(column)];
}

function options(width, lines, unit) {
  const css = getComputedStyle(document.documentElement);
  const color = (name) => css.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: color("muted"), font: "11px Inter, system-ui, sans-serif", ticks: { show: false }, grid: { stroke: color("line"), width: 1 } };
  return {
    width,
    height: 168,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    padding: [8, 18, 0, 0],
    axes: [
      { ...axis, grid: { show: false }, size: 26, gap: 6, space: 72, values: (_plot, moments) => moments.map((at) => new Date(at * 1000).toLocaleTimeString("en-GB").slice(0, 5)) },
      { ...axis, size: 56, gap: 6, space: 34, values: (_plot, values) => values.map((value) => (value === null ? "" : short(unit(value)))) },
    ],
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.15 : 1] } },
    series: [{}, ...lines.map((line) => ({
      label: line.label,
      stroke: color(line.color),
      width: 1.5,
      fill: line.isFilled ? color(`${line.color}-soft`) : undefined,
      points: { show: Boolean(line.gaps), size: 3.5, width: 0, fill: color(line.color) },
      spanGaps: false,
    }))],
  };
}
