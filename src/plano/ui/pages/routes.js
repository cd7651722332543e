// Each route: how often it matched and how clearly.

import { fill, h, refresh } from "../dom.js";
import { count, percent, score, seconds, share } from "../format.js";
import { known } from "../live.js";
import { bar, heading, nothing, table, WINDOW } from "../parts.js";

export const TITLE = "Routes";

const BINS = 20;
const NO_ROUTE = "no route";

export function begin(main) {
  const { element, body } = table([
    ["Route", "Its name; below it the models in its author's order."],
    ["Share", `Of all decisions. ${WINDOW}`],
    ["Decisions", `How often it matched. ${WINDOW}`, "num"],
    ["Errors", `Requests of this route that were answered with an error. ${WINDOW}`, "num"],
    ["Fallbacks", `Answers by another model than the one ranked first. ${WINDOW}`, "num"],
    ["Time p50", `Median time from the head of a request to the last byte of its answer; below it the 95th percentile. ${WINDOW}`, "num"],
  ], "Routes");
  const spread = h("div.charts.two");
  const unclear = h("section.card.flush");
  fill(main, heading("Routes", "What callers wanted, as far as the router could tell."),
    h("section.card.flush", {}, element), h("h2.section", {}, "Scores"), spread, unclear);

  function update() {
    const { state, entries, about } = known;
    if (!state || !about) return;
    const rows = joined(state.overview.routes, about.routes);
    refresh(body, rows, () => (rows.length ? rows.map(routeRow) : h("tr", {}, h("td", { colspan: 6 }, nothing("No routes", h("p.muted", {}, "None is configured, and no request brought its own."))))));
    const decided = entries.filter((entry) => entry.decision && Object.keys(entry.decision.scores).length);
    const names = about.routes.map((route) => route.name);
    const first = decided[0]?.span_id ?? decided[0]?.trace_id ?? null;
    refresh(spread, [first, names], () => histograms(decided, names));
    refresh(unclear, [first], () => leastClear(decided));
  }

  return { update };
}

function joined(rows, declared) {
  const decisions = rows.reduce((sum, row) => sum + row.requests, 0);
  const quiet = { requests: 0, share: share(0, decisions), errors: 0, fallbacks: 0, seconds: {} };
  const all = new Map(declared.map((route) => [route.name, { ...quiet, route: route.name, models: route.models, prefer: route.prefer }]));
  for (const row of rows) all.set(row.route, { ...all.get(row.route), ...row });
  return [...all.values()];
}

const routeRow = (row) => h("tr", {},
  h("td.name", {}, row.route ?? h("span.muted", {}, NO_ROUTE), row.models && h("small.mono", {}, row.models.join(", "), row.prefer !== "none" && ` · ${row.prefer}`)),
  h("td", {}, h("span.with-bar", {}, bar(row.share), h("span.num", {}, percent(row.share)))),
  h("td.num", {}, count(row.requests)),
  h("td.num", {}, row.errors ? h("span.bad-text", {}, count(row.errors)) : "0"),
  h("td.num", {}, row.requests ? percent(share(row.fallbacks, row.requests)) : "?"),
  h("td.num", {}, seconds(row.seconds.p50), h("small", {}, seconds(row.seconds.p95))));

function histograms(decided, names) {
  if (!decided.length) return h("section.card", {}, nothing("No scores yet", h("p.muted", {}, "Each decision of the router adds one score for each route.")));
  const threshold = decided[0].decision.threshold;
  return names.map((name) => histogram(name, threshold, decided.filter((entry) => name in entry.decision.scores)));
}

function histogram(name, threshold, decided) {
  const bins = Array.from({ length: BINS }, () => ({ hit: 0, missed: 0 }));
  for (const { decision } of decided) {
    const bin = bins[Math.min(BINS - 1, Math.floor(decision.scores[name] * BINS))];
    bin[decision.route === name ? "hit" : "missed"] += 1;
  }
  const most = Math.max(1, ...bins.map((bin) => bin.hit + bin.missed));
  const taken = bins.reduce((sum, bin) => sum + bin.hit, 0);
  const part = (kind, number) => number > 0 && h(`i.${kind}`, { "height%": number / most * 100 });
  return h("section.card", {},
    h("header", {}, h("h2.name", { tip: `How often the router gave this score, among the last ${decided.length} decisions. Filled: this route was taken. The line is the threshold.` }, name),
      h("span.legend", {}, h("span", {}, h("i.key.accent"), `${count(taken)} taken`), h("span", {}, h("i.key"), `${count(decided.length - taken)} not taken`))),
    h("div.histogram", { role: "img", "aria-label": `${name}: ${taken} taken of ${decided.length}` },
      bins.map((bin) => h("span.bin", {}, part("missed", bin.missed), part("hit", bin.hit))),
      typeof threshold === "number" && h("b", { "left%": threshold * 100 })),
    h("div.scale", { "aria-hidden": "true" }, ["0", "0.25", "0.5", "0.75", "1"].map((mark) => h("span", {}, mark))));
}

function leastClear(decided) {
  const seen = new Set();
  const isNew = ({ decision }) => !seen.has(decision.text_hash) && seen.add(decision.text_hash);
  const rows = decided.filter((entry) => entry.decision.route !== null && entry.decision.margin !== null).filter(isNew)
    .sort((one, other) => one.decision.margin - other.decision.margin).slice(0, 6);
  if (!rows.length) return [];
  const { element, body } = table([
    ["Route", "The one that was taken."],
    ["Margin", "Its score minus the next best.", "num"],
    ["Score", "Its probability by the router.", "num"],
    ["Text", "What the router was shown, where the configuration keeps it; otherwise its length and a hash."],
  ], "Least clear decisions");
  body.append(...rows.map(({ decision, span_id, trace_id }) => h("tr", {},
    h("td.name", {}, h("a", { href: `#/requests/${encodeURIComponent(span_id ?? trace_id)}` }, decision.route)),
    h("td.num", {}, score(decision.margin)),
    h("td.num", {}, score(decision.scores[decision.route])),
    h("td.name", {}, decision.text ?? h("span.muted", {}, `${count(decision.text_characters)} characters, ${decision.text_hash}`)))));
  return [h("header", {}, h("h2", { tip: "Among the last thousand requests: those whose second route came closest to the first, each text once." }, "Least clear")), element];
}
