// Pieces that several pages show.

import { copies, h, prose } from "./dom.js";
import { clock, count, percent, score as shown, seconds, usd } from "./format.js";
import { known } from "./live.js";

export const WINDOW = "Of the last five minutes.";

/** The head of a page. */
export const heading = (title, said) => h("header.page", {}, h("h1", {}, title), h("p.muted", {}, said));

/** A table whose head explains each column: `columns` are [label, explanation, class]. */
export function table(columns, caption) {
  const body = h("tbody");
  const head = columns.map(([label, tip, kind]) => h(`th${kind ? `.${kind}` : ""}`, { scope: "col", tip }, label));
  const element = h("div.scroll", {}, h("table", {}, h("caption.unseen", {}, caption), h("thead", {}, h("tr", {}, head)), body));
  return { element, body };
}

/** Nothing to show yet, and what to do about it. */
export const nothing = (title, ...said) => h("div.empty", {}, h("h2", {}, title), ...said);

/** A bar of a share of 1. */
export const bar = (share, kind = "") => h(`span.bar${kind}`, { "aria-hidden": "true" }, h("i", { "width%": Math.round((share ?? 0) * 100) }));

/** A status as a coloured mark. */
export function badge(entry) {
  const kind = entry.status >= 500 || entry.status === 499 ? "bad" : entry.status >= 400 ? "warn" : entry.code ? "bad" : "ok";
  return h(`span.badge.${kind}`, {}, String(entry.status));
}

/** What a request failed with, or its route; of one that was not routed, its path. */
export const outcome = (entry) => entry.code ?? entry.decision?.route ?? (entry.decision ? "no route" : entry.path ?? "");

/** Tokens in and out. */
export const tokens = (usage) => (usage ? `${usage.is_estimated ? "≈ " : ""}${count(usage.input_tokens)} → ${count(usage.output_tokens)}` : "?");

const isDecision = (entry) => entry.status === 200 && entry.decision && !entry.attempts;

/** The row of a request in a table; `open` is called with its trace. */
export function requestRow(entry, open) {
  const model = entry.served_by ?? entry.decision?.candidates?.find((each) => each.rank === 1)?.model ?? entry.model ?? "";
  const show = () => open(entry);
  return h("tr.link", {
    tabindex: 0,
    "data-key": entry.span_id ?? entry.trace_id,
    "aria-label": `Request ${entry.trace_id}, status ${entry.status}`,
    onclick: show,
    onkeydown: (event) => {
      if (event.key === "Enter") show();
      const step = { ArrowDown: "nextElementSibling", j: "nextElementSibling", ArrowUp: "previousElementSibling", k: "previousElementSibling" }[event.key];
      if (step) { event.preventDefault(); event.currentTarget[step]?.focus(); }
    },
  },
  h("td.time", {}, clock(entry.ended_at)),
  h("td", {}, badge(entry)),
  h("td.name", {}, outcome(entry)),
  h("td.name.mono", {}, model, entry.attempts?.length > 1 && h("span.chip", {}, `${entry.attempts.length} attempts`), isDecision(entry) && h("span.chip", { tip: "The answer was the decision; no model was called." }, "decision")),
  h("td.num", {}, seconds(entry.seconds)),
  h("td.num", {}, entry.served_by ? tokens(entry.usage) : ""),
  h("td.num", {}, entry.served_by ? usd(entry.cost_usd) : ""));
}

export const REQUEST_COLUMNS = [
  ["Ended", "Local time at which the last byte of the answer was handed over."],
  ["Status", "HTTP status of the answer. 499: the caller left before it began."],
  ["Route", "The route that matched, or the code of the error; the path of a request that was not routed."],
  ["Model", "The model that answered; of a decision, the one ranked first."],
  ["Time", "From the head of the request to the last byte handed over.", "num"],
  ["Tokens", "In → out, as the provider counted them; ? where it did not say.", "num"],
  ["Cost", "Tokens times price, cached and reasoning tokens at their own; ? where tokens or price are not known.", "num"],
];

/** Who said which route, and the scores of the router as bars, with the threshold as a line. */
export function scores(decided) {
  const rows = Object.entries(decided.scores ?? {}).sort((one, other) => other[1] - one[1]);
  return h("div", {}, h("p.muted", {}, sentence(decided.decided)),
    rows.length > 0 && h("div.scores", { tip: `Probability of each route by the router. A route needs ${decided.threshold ?? "?"} to match.` },
    rows.map(([name, score]) => h("div.score", {},
      h("span.name", {}, name),
      h("span.track", { "aria-hidden": "true" },
        h(`i${name === decided.route ? ".hit" : ""}`, { "width%": score * 100 }),
        typeof decided.threshold === "number" && h("b", { "left%": decided.threshold * 100 })),
      h("span.num", {}, shown(score))))));
}

/** What the session of a request had to say, and which model its budget of switches has kept away. */
export function session(said) {
  if (!said) return "";
  if (said.bound_to === null) return "The session was new, or too long ago: it had no model.";
  const kept = said.cached_tokens ? `; ${count(said.cached_tokens)} tokens in its provider's cache` : "";
  const before = `The session was with ${said.bound_to}, ${seconds(said.idle_s)} before${kept}.`;
  const { switch: wish } = said;
  if (!wish) return before;
  const route = wish.route === null ? "" : ` (${wish.route})`;
  return `${before} The router chose ${wish.wanted}${route}: ${usd(wish.cost_usd)} more, of at most ${usd(wish.ceiling_usd)} for all of its switches.`;
}

/** The candidates of a decision, each with its numbers and why it is where it is. */
export function candidates(rows) {
  const { element, body } = table([
    ["#", "Place in the order of attempts; – when the model was left out."],
    ["Model", "As it is declared."],
    ["$/Mtok", "Price of input plus output per million tokens, and who said so.", "num"],
    ["First token", "Expected seconds to the first token; ? where nothing was measured.", "num"],
    ["Request", "What this request was expected to cost there; below it how long its whole answer would take. ? before the length of answers is learned.", "num"],
    ["Why", "The reason why a model was left out or put last."],
  ], "Candidates");
  for (const each of rows) {
    body.append(h("tr", {},
      h("td.num", {}, each.rank ?? "–"),
      h("td.name.mono", {}, each.model),
      h("td.num", each.price_usd_per_mtok ? { tip: `${each.price_usd_per_mtok.source}, ${seconds(each.price_usd_per_mtok.age_s)} old` } : {}, usd(each.price_usd_per_mtok?.value)),
      h("td.num", {}, seconds(each.latency_s?.value)),
      h("td.num", each.expected ? { tip: `${count(each.expected.input_tokens)} tokens in, ${count(each.expected.output_tokens)} out` } : {},
        usd(each.expected?.usd), typeof each.expected?.seconds === "number" && h("small", {}, seconds(each.expected.seconds))),
      h("td.name", {}, each.reason ? left(each) : "")));
  }
  return element;
}

/** Why a model is not asked for a while. */
export const ABSENT = { held: "asked for patience", ejected: "failed too often, or its key was refused" };

const REASONS = {
  ...ABSENT,
  stored_elsewhere: "does not keep what the request goes on from",
  modality: "does not take such input",
  tools: "has no tools",
  structured_output: "has no structured output",
  window: "context window too small",
  over_max_usd_per_mtok: "above the price ceiling",
  over_max_ttft_s: "above the latency ceiling",
  limit: "the caller has used up its tokens there",
  budget: "too many attempts on models in trouble already",
  deadline: "no time was left",
  unfit: "its dialect has no words for the request",
};

/** Why a model was left out, or passed over when its turn came. */
export const reason = (word) => REASONS[word] ?? word;

const left = (each) => reason(each.reason) + (each.free_in_s > 0 ? `; free in ${seconds(each.free_in_s)}` : "");

/** A sentence of the gateway, as it stands on a page. */
export const sentence = (text) => (text ? `${text.charAt(0).toUpperCase()}${text.slice(1)}.` : "");

/** Where callers reach the gateway, as the page can tell. */
export const baseUrl = () => known.about?.listeners?.[0]?.url ?? "http://127.0.0.1:12000";

/** A command or program to copy. */
export const snippet = (text, lang) => h("div.snippet", {}, copies(text), prose("pre", text), lang && h("span.lang", {}, lang));

/** The first request, for a gateway that has had none. */
export function firstRequest() {
  return snippet(`curl ${baseUrl()}/v1/chat/completions \\\n  -H 'content-type: application/json' \\\n  -d '{"model": "auto", "messages": [{"role": "user", "content": "write a sorting algorithm in Python"}]}'`, "shell");
}

/** The share of errors, coloured where there are any. */
export const errorShare = (part, all) => h(`span${part ? ".bad-text" : ""}`, {}, percent(all > 0 ? part / all : null));
