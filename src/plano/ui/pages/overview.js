// The last minutes in a few numbers, the last hour in three charts, and what wants attention.

import { chart } from "../charts.js";
import { fill, h, refresh } from "../dom.js";
import { amount, count, percent, seconds, share, usd } from "../format.js";
import { known } from "../live.js";
import { ABSENT, firstRequest, heading, nothing, REQUEST_COLUMNS, requestRow, table, WINDOW } from "../parts.js";

export const TITLE = "Overview";

const LATEST = 8;

export function begin(main) {
  const tiles = h("div.tiles");
  const warnings = h("div.warnings", { "aria-live": "polite" });
  const latest = h("section.card.flush");
  const charts = [
    chart("Requests per 10 s", "Requests answered in each ten seconds; those of now are drawn once they are over.", {
      lines: [{ label: "answered", column: "requests", color: "accent", isFilled: true }, { label: "errors", column: "errors", color: "bad" }],
      empty: "No requests in the last hour.",
    }),
    chart("Time to first token", "From the head of a request to the first content of its streamed answer; median and 95th percentile of each ten seconds.", {
      lines: [{ label: "p50", column: "first_token_p50_s", color: "accent", gaps: true }, { label: "p95", column: "first_token_p95_s", color: "muted", gaps: true }],
      unit: seconds,
      empty: "No streamed answers in the last hour.",
    }),
    chart("Cost per 10 s", "USD in each ten seconds, of the answers whose tokens and price are known.", {
      lines: [{ label: "USD", column: "cost_usd", color: "accent", isFilled: true }],
      unit: usd,
      empty: "No answers with a known cost in the last hour.",
    }),
  ];
  fill(main, heading("Overview", "The last five minutes, and the last hour."), warnings, tiles,
    h("div.charts", {}, charts.map((one) => one.element)), latest);
  let drawnAt = null;

  function update() {
    const { state, series, entries } = known;
    if (!state) return;
    const numbers = measured(state);
    refresh(tiles, numbers, () => numbers.map(tile));
    const said = attention(state);
    refresh(warnings, said, () => said.map((line) => h("p.warning", {}, line)));
    const signature = series && `${series.at.at(-1)}/${series.requests.at(-1)}/${Math.floor(Date.now() / 10_000)}`;
    if (signature !== drawnAt) {
      drawnAt = signature;
      for (const one of charts) one.draw(series);
    }
    refresh(latest, entries.slice(0, LATEST).map((entry) => entry.span_id ?? entry.trace_id), () => lastRequests(entries));
  }

  return { update, end: () => charts.forEach((one) => one.end()) };
}

function measured(state) {
  const total = state.overview.total;
  const over = Math.max(1, Math.min(state.overview.window_s, state.uptime_s));
  const answered = total.answers;
  const costed = answered - total.uncosted;
  return [
    ["Requests", `${amount(total.requests / over)}/s`, `${count(total.requests)} in 5 min, ${count(state.in_flight)} now`, "Answered requests of the last five minutes, or since the start, divided by those seconds."],
    ["Errors", percent(share(total.errors, total.requests)), `${count(total.errors)} of ${count(total.requests)}`, "Answers with status 400 and above, streams that broke off, callers that left. " + WINDOW, total.errors > 0],
    ["First token", seconds(total.first_token_s.p50), `p95 ${seconds(total.first_token_s.p95)}`, "Median time from the head of a request to the first content of its streamed answer. " + WINDOW],
    ["Cost per hour", usd(total.cost_usd === null ? null : total.cost_usd * 3600 / over), total.uncosted ? `without ${count(total.uncosted)} of ${count(answered)} answers` : `${count(costed)} answers`, "What the answers of the last five minutes cost (or since the start), carried on for an hour. Answers whose tokens or price are not known are left out, and counted."],
    ["Fallbacks", percent(share(total.fallbacks, answered)), `${count(total.fallbacks)} of ${count(answered)} answers`, "Answers by another model than the one that was ranked first. " + WINDOW],
    ["Overhead", seconds(total.overhead_s.p50), `p99 ${seconds(total.overhead_s.p99)}`, "From the whole request to its first attempt: reading, routing, ranking. " + WINDOW],
  ];
}

const tile = ([label, value, said, tip, isBad]) => h("div.tile", { tip },
  h("span.label", {}, label), h(`span.value${isBad ? ".bad-text" : ""}`, {}, value), h("span.muted", {}, said));

const NOTES = {
  no_admin_listener: "The admin listener could not be opened.",
  open_listener: "A listener beyond this machine serves anyone who reaches it:",
};

function attention(state) {
  const lines = state.reasons.map((reason) => `Not ready: ${reason.replaceAll("_", " ")}.`);
  for (const note of state.notes) {
    const [code, ...rest] = note.split(" ");
    lines.push(`${NOTES[code] ?? code.replaceAll("_", " ")} ${rest.join(" ")}`.trim());
  }
  for (const model of state.models) if (model.absent) lines.push(`${model.model} ${ABSENT[model.absent]}: no attempt for ${seconds(model.free_in_s)}.`);
  if (state.overview.total.degraded) lines.push(`${count(state.overview.total.degraded)} decision${state.overview.total.degraded === 1 ? " was" : "s were"} made without the router: it was late, overloaded or broken.`);
  if (state.dropped) lines.push(`${count(state.dropped)} records were lost by the log, the metrics or the kept records.`);
  return lines;
}

function lastRequests(entries) {
  if (!entries.length) {
    return nothing("No requests yet", h("p.muted", {}, "Send one, and it appears here as it is answered:"), firstRequest());
  }
  const { element, body } = table(REQUEST_COLUMNS, "Latest requests");
  const open = (entry) => { location.hash = `#/requests/${encodeURIComponent(entry.span_id ?? entry.trace_id)}`; };
  body.append(...entries.slice(0, LATEST).map((entry) => requestRow(entry, open)));
  return [h("header", {}, h("h2", {}, "Latest requests"), h("a", { href: "#/requests" }, "All requests")), element];
}
