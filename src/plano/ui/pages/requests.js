// Requests as they are answered; one of them in full: where its time went, what was considered, how each attempt ended.

import { copies, fill, h, prose, refresh } from "../dom.js";
import { bytes, clock, count, seconds, usd } from "../format.js";
import { known, read } from "../live.js";
import { badge, candidates, firstRequest, heading, nothing, reason, REQUEST_COLUMNS, requestRow, scores, sentence, session, table, tokens } from "../parts.js";

export const TITLE = "Requests";

const SHOWN = 200;
const idOf = (entry) => entry.span_id ?? entry.trace_id;

export function begin(main) {
  const drawer = document.getElementById("drawer");
  const { element, body } = table(REQUEST_COLUMNS, "Requests");
  const words = h("input", { type: "search", placeholder: "Filter: a model, route, status, code, trace…  ( / )", "aria-label": "Filter", autocomplete: "off", spellcheck: "false", oninput: () => update() });
  const failed = toggle("Failed only");
  const paused = toggle("Pause");
  const said = h("span.muted", { role: "status" });
  const list = h("section.card.flush", {}, element);
  const empty = h("section.card");
  let shown = [];
  let chosen = null;
  fill(main, heading("Requests", "The last thousand, newest first, as they are answered."),
    h("div.tools", {}, words, failed.element, paused.element, said), list, empty);

  function toggle(label) {
    const button = h("button.toggle", { type: "button", "aria-pressed": "false" }, label);
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      update();
    });
    return { element: button, isOn: () => button.ariaPressed === "true" };
  }

  function update() {
    if (!paused.isOn() || !shown.length) shown = known.entries.slice();
    const found = shown.filter((entry) => (!failed.isOn() || isFailed(entry)) && matches(entry, words.value));
    list.hidden = !found.length;
    refresh(body, [found.slice(0, SHOWN).map(idOf), chosen], () => found.slice(0, SHOWN).map((entry) => requestRow(entry, open)));
    for (const row of body.children) row.classList.toggle("chosen", row.dataset.key === chosen);
    const more = known.state?.skipped ? `, ${count(known.state.skipped)} more than can be shown live` : "";
    said.textContent = found.length > SHOWN ? `${SHOWN} of ${count(found.length)} requests${more}` : `${count(found.length)} request${found.length === 1 ? "" : "s"}${more}`;
    empty.hidden = found.length > 0;
    refresh(empty, [shown.length > 0], () => (shown.length
      ? nothing("Nothing matches", h("p.muted", {}, "No request of the last thousand has all of these words."))
      : nothing("No requests yet", h("p.muted", {}, "Send one, and it appears here as it is answered:"), firstRequest())));
  }

  const open = (entry) => { location.hash = `#/requests/${encodeURIComponent(idOf(entry))}`; };
  const close = () => { location.hash = "#/requests"; };
  const escape = (event) => { if (event.key === "Escape" && !drawer.hidden) close(); };
  document.addEventListener("keydown", escape);

  async function choose(id) {
    const before = chosen;
    chosen = id ?? null;
    drawer.hidden = chosen === null;
    if (chosen === null) {
      if (before !== null) body.querySelector(`[data-key="${CSS.escape(before)}"]`)?.focus();
      return;
    }
    const entry = known.entries.find((one) => idOf(one) === chosen || one.trace_id === chosen) ?? await find(chosen);
    fill(drawer, entry ? oneRequest(entry, close) : missing(close));
    drawer.scrollTop = 0;
    drawer.querySelector("button.close")?.focus({ preventScroll: true });
  }

  return { update, choose, end: () => { drawer.hidden = true; document.removeEventListener("keydown", escape); } };
}

async function find(trace) {
  try {
    const { records } = await read(/^[0-9a-f]{32}$/.test(trace) ? `/admin/records/${trace}` : "/admin/records?limit=1000");
    return records.find((entry) => idOf(entry) === trace || entry.trace_id === trace);
  } catch {
    return undefined;
  }
}

const isFailed = (entry) => entry.status >= 400 || entry.code !== undefined;

/** Has an entry all of these words somewhere in what is shown of it? */
function matches(entry, words) {
  if (!words.trim()) return true;
  const text = [entry.trace_id, entry.request_id, entry.status, entry.code, entry.model, entry.served_by, entry.path, entry.decision?.route ?? "no route",
    ...(entry.attempts ?? []).flatMap((one) => [one.model, one.ending])].join(" ").toLowerCase();
  return words.toLowerCase().trim().split(/\s+/).every((word) => text.includes(word));
}

const missing = (close) => [closing(close), nothing("This request is not kept", h("p.muted", {}, "The last thousand are."))];

const closing = (close) => h("button.close", { type: "button", onclick: close, "aria-label": "Close" }, "×");

function oneRequest(entry, close) {
  const decision = entry.decision;
  return [
    closing(close),
    h("header", {}, badge(entry), h("h2", {}, entry.code ?? decision?.route ?? (decision ? "no route" : entry.path ?? "no request")),
      h("span.muted", {}, `${clock(entry.ended_at)} · ${seconds(entry.seconds)}`)),
    decision && h("p.line.mono", {}, decision.summary),
    h("h3", {}, "Where the time went"), waterfall(entry),
    facts(entry),
    decision && [h("h3", {}, "What the router said"), scores(decision)],
    decision && [h("h3", {}, "Candidates"), h("p.muted", {}, session(decision.session)), h("p.muted", {}, sentence(decision.ranking)), candidates(decision.candidates)],
    decision?.text !== undefined && [h("h3", {}, "Text"), prose("pre", decision.text)],
    entry.warnings && [h("h3", {}, "Lost in translation"), ...entry.warnings.map((line) => h("p.muted", {}, line))],
    entry.is_shortened && h("p.muted", {}, "This record was too large to be kept with its decision and attempts."),
    h("details", {}, h("summary", {}, "JSON"), copies(JSON.stringify(entry, null, 2)), prose("pre", JSON.stringify(entry, null, 2))),
  ];
}

function facts(entry) {
  const usage = entry.usage;
  const more = usage ? [usage.cached_input_tokens && `${count(usage.cached_input_tokens)} cached`, usage.reasoning_tokens && `${count(usage.reasoning_tokens)} reasoning`].filter(Boolean).join(", ") : "";
  const rows = [
    ["Asked for", entry.model, "The model as the caller wrote it."],
    ["Answered by", entry.served_by, "The model whose answer the caller got."],
    ["Tokens", entry.served_by && tokens(usage) + (more && ` (${more})`), "In → out, as the provider counted them."],
    ["Cost", entry.served_by && usd(entry.cost_usd), "Tokens times price; ? where one of them is not known."],
    ["First token", entry.is_stream ? seconds(entry.first_token_s) : null, "From the head of the request to the first content."],
    ["Bytes", `${bytes(entry.request_bytes ?? 0)} → ${bytes(entry.answer_bytes ?? 0)}`, "Of the bodies of request and answer."],
    ["API", [entry.dialect, entry.is_stream ? "stream" : null, [entry.method, entry.path].filter(Boolean).join(" ")].filter(Boolean).join(" · "), "Dialect, method and path of the request."],
    ["Trace", entry.trace_id, "The id that stands in the answer, its header, the log line and the spans."],
    ["Request id", entry.request_id, "x-request-id, as the caller sent it."],
  ];
  return h("dl.facts", {}, rows.filter(([, value]) => value !== null && value !== undefined && value !== false).map(([label, value, tip]) => [
    h("dt", { tip }, label), h(`dd${label === "Trace" || label.endsWith("for") || label.endsWith("by") ? ".mono" : ""}`, {}, value, label === "Trace" && copies(value)),
  ]));
}

const OWN = { parse: "Reading", route: "Router", rank: "Ranking" };

/** Bars of the parts of a request on one scale of time. */
function waterfall(entry) {
  const rows = [];
  let at = entry.arrived_s ?? 0;
  if (at > 0) rows.push(["Arrival", 0, at, "own", "Until the last byte of the request was there."]);
  for (const [stage, took] of Object.entries(entry.stages ?? {})) {
    if (!(stage in OWN)) continue;
    rows.push([OWN[stage], at, took, "own", `Stage ${stage} of server-timing.`]);
    at += took;
  }
  for (const one of entry.attempts ?? []) {
    if (one.seconds === null) rows.push([one.model, at, 0, "skipped", `Passed over: ${reason(one.ending)}.`, one.ending]);
    else {
      rows.push([one.model, one.began_s, one.seconds, one.ending === "200" ? "ok" : "bad", `Attempt: ${one.ending}, known after ${seconds(one.seconds)}.`, one.ending]);
      at = one.began_s + one.seconds;
    }
  }
  if (entry.served_by && entry.seconds > at) rows.push(["Handing over", at, entry.seconds - at, "relay", "From the first content to the last byte handed over."]);
  const whole = Math.max(entry.seconds, at, 1e-9);
  return h("div.waterfall", {}, rows.map(([label, began, took, kind, tip, ending]) => h("div.row", { tip: `${tip} Begins after ${seconds(began)}.` },
    h(`span.name${kind === "own" || kind === "relay" ? "" : ".mono"}`, {}, label),
    h("span.lane", { "aria-hidden": "true" }, h(`i.${kind}`, { "left%": Math.min(99.5, began / whole * 100), "width%": Math.max(0.5, took / whole * 100) })),
    h("span.num", {}, ending !== undefined && ending !== "200" ? `${ending} · ` : "", kind === "skipped" ? "–" : seconds(took)))));
}
