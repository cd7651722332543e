// Each model: its state, how its attempts ended, how fast and how dear it is; one of them over the last hour.

import { chart } from "../charts.js";
import { fill, h, refresh } from "../dom.js";
import { amount, clock, count, percent, seconds, share, usd } from "../format.js";
import { known, read } from "../live.js";
import { bar, heading, nothing, table, WINDOW } from "../parts.js";

export const TITLE = "Models";

const COLUMNS = [
  ["Model", "As it is declared."],
  ["State", "free: attempts are made. held: its provider asked for patience. ejected: it failed five times in a row. Neither gets an attempt before that time is over; then one request tries it."],
  ["Share", `Of all answers, how many this model gave. ${WINDOW}`],
  ["Attempts", `Requests that were sent to it. ${WINDOW}`, "num"],
  ["OK", `Attempts that were answered with 200. ${WINDOW}`, "num"],
  ["429", `How often it asked for patience, or was passed over because it had. ${WINDOW}`, "num"],
  ["First token", `Median of its streamed answers, from the start of the attempt; below it the 95th percentile. ${WINDOW}`, "num"],
  ["Tokens/s", `Output tokens of its streams, over the seconds after their first token. ${WINDOW}`, "num"],
  ["$/1k", `What a thousand answers like those of the last five minutes cost; ? where price or tokens are not known.`, "num"],
  ["$/Mtok", "Price of input plus output per million tokens, and who said so.", "num"],
];

const QUIET = { attempts: 0, ok: 0, throttled: 0, served: 0, first_token_s: {}, tokens_per_s: null, usd_per_1k: null };

export function begin(main) {
  const { element, body } = table(COLUMNS, "Models");
  const detail = h("div");
  let chosen = null;
  let drawing = null;
  fill(main, heading("Models", "Every model that is declared or was used in the last five minutes. Choose one to see its last hour."),
    h("section.card.flush", {}, element), detail);

  function update() {
    if (!known.state) return;
    const rows = joined(known.state);
    refresh(body, [rows, chosen], () => rows.map((row) => modelRow(row, row.model === chosen)));
    if (drawing && known.series && drawing.seen !== known.series.at.at(-1)) draw();
  }

  function choose(model) {
    drawing?.chart.end();
    drawing = null;
    chosen = model ?? null;
    fill(detail);
    if (chosen === null) return;
    drawing = {
      seen: null,
      chart: chart("Time to first token", "Of its streamed answers, from the start of the attempt; median and 95th percentile of each ten seconds.", {
        lines: [{ label: "p50", column: "first_token_p50_s", color: "accent", gaps: true }, { label: "p95", column: "first_token_p95_s", color: "muted", gaps: true }],
        unit: seconds, empty: "It streamed no answers in the last hour.",
      }),
      attempts: chart("Attempts per 10 s", "In each ten seconds, and those of them that were not answered.", {
        lines: [{ label: "attempts", column: "requests", color: "accent", isFilled: true }, { label: "not answered", column: "errors", color: "bad" }],
        empty: "No attempts in the last hour.",
      }),
    };
    fill(detail, h("h2.section.mono", {}, chosen), h("div.charts.two", {}, drawing.attempts.element, drawing.chart.element), lastFailures(chosen));
    draw();
    detail.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  async function draw() {
    const now = drawing;
    now.seen = known.series?.at.at(-1) ?? null;
    const series = await read(`/admin/series?model=${encodeURIComponent(chosen)}`);
    if (now !== drawing) return;
    now.chart.draw(series);
    now.attempts.draw(series);
  }

  return { update, choose, end: () => choose(null) };
}

/** Declared models in their order, then others that had traffic. */
function joined(state) {
  const rows = new Map(state.models.map((model) => [model.model, { ...QUIET, ...model, isDeclared: true }]));
  for (const row of state.overview.models) rows.set(row.model, { ...rows.get(row.model), ...row });
  return [...rows.values()].map((row) => ({ ...row, share: share(row.served, state.overview.total.answers) }));
}

function modelRow(row, isChosen) {
  const open = () => { location.hash = isChosen ? "#/models" : `#/models/${encodeURIComponent(row.model)}`; };
  return h("tr.link", {
    tabindex: 0, "data-key": row.model, "aria-expanded": String(isChosen),
    onclick: open, onkeydown: (event) => { if (event.key === "Enter") open(); },
  },
  h("td.name.mono", {}, row.model, row.is_default && h("span.chip", {}, "default"), row.is_mock && h("span.chip", {}, "mock")),
  h("td.state", {}, state(row)),
  h("td", {}, h("span.with-bar", {}, bar(row.share), h("span.num", {}, percent(row.share)))),
  h("td.num", {}, count(row.attempts)),
  h("td.num", {}, percent(share(row.ok, row.attempts))),
  h("td.num", {}, row.throttled ? h("span.warn-text", {}, count(row.throttled)) : "0"),
  h("td.num", {}, two(seconds(row.first_token_s.p50), row.first_token_s.p95, seconds)),
  h("td.num", {}, amount(row.tokens_per_s)),
  h("td.num", {}, usd(row.usd_per_1k)),
  h("td.num", {}, row.price_usd_per_mtok ? two(usd(row.price_usd_per_mtok.value), row.price_usd_per_mtok, (price) => price.source) : "?"));
}

const two = (first, second, said) => (second === null || second === undefined ? first : [first, h("small", {}, said(second))]);

function state(row) {
  if (!row.isDeclared) return h("span.muted", {}, "wildcard");
  return row.absent
    ? h("span", {}, h(`i.dot.${row.absent === "ejected" ? "bad" : "warn"}`), `${row.absent} ${seconds(row.free_in_s)}`)
    : h("span", {}, h("i.dot.ok"), "free");
}

function lastFailures(model) {
  const failures = known.entries
    .flatMap((entry) => (entry.attempts ?? []).filter((one) => one.model === model && one.ending !== "200").map((one) => ({ entry, one })))
    .slice(0, 8);
  if (!failures.length) return h("section.card", {}, nothing("No failed attempts", h("p.muted", {}, "Among the last thousand requests.")));
  const { element, body } = table([
    ["Ended", "Local time at which the request was answered."],
    ["Ending", "The status of the answer, or why there was none."],
    ["After", "Seconds until that was known; empty when it was passed over.", "num"],
    ["Request", "Its trace."],
  ], "Last failed attempts");
  body.append(...failures.map(({ entry, one }) => h("tr", {},
    h("td.time", {}, clock(entry.ended_at)),
    h("td", {}, h("span.badge.warn", {}, one.ending)),
    h("td.num", {}, one.seconds === null ? "" : seconds(one.seconds)),
    h("td.mono", {}, h("a", { href: `#/requests/${encodeURIComponent(entry.span_id ?? entry.trace_id)}` }, entry.trace_id.slice(0, 16))))));
  return h("section.card.flush", {}, h("header", {}, h("h2", {}, "Last failed attempts")), element);
}
