// A request to try: what would be decided, without spending; then the answers, up to three side by side.

import { fill, h, prose, refresh } from "../dom.js";
import { seconds, usd } from "../format.js";
import { ask, known, read } from "../live.js";
import { candidates, heading, nothing, scores, sentence, tokens } from "../parts.js";

export const TITLE = "Playground";

const MOST = 3;
const DRAFT = "plano-playground";

export function begin(main) {
  const saved = JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}");
  const prompt = h("textarea", { id: "prompt", rows: 5, spellcheck: "false", value: saved.prompt ?? "write a sorting algorithm in Python" });
  const model = h("select", { id: "model" });
  const preferences = h("textarea.mono", { id: "preferences", rows: 14, spellcheck: "false", value: saved.preferences ?? "" });
  const said = h("p.error", { role: "alert" });
  const result = h("div.result");
  const answers = h("div.answers");
  const decide = h("button.primary", { type: "button", onclick: () => guarded(decideNow) }, "Decide");
  let running = null;
  fill(main, heading("Playground", "See what would be decided, without spending anything. Then run it."),
    h("div.play", {},
      h("section.card.form", {},
        h("label", { for: "prompt" }, "Prompt"), prompt,
        h("label", { for: "model" }, "Model of the request"), model,
        h("details", { open: Boolean(saved.preferences) },
          h("summary", {}, "Routing preferences of this request"),
          h("p.muted", {}, "They replace the configured ones, for this request only."),
          h("button.quiet", { type: "button", onclick: () => { preferences.value = configured(); keep(); } }, "Begin with the configured ones"),
          h("label.unseen", { for: "preferences" }, "Routing preferences as JSON"), preferences),
        h("div.actions", {}, decide, h("span.muted", {}, "Ctrl + Enter")), said),
      result),
    answers);
  fill(result, h("section.card", {}, nothing("Nothing decided yet", h("p.muted", {}, "The scores of the router and the ranked models appear here."))));
  for (const field of [prompt, preferences]) field.addEventListener("input", keep);
  main.addEventListener("keydown", shortcut);

  function shortcut(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) guarded(decideNow);
  }

  function keep() {
    sessionStorage.setItem(DRAFT, JSON.stringify({ prompt: prompt.value, preferences: preferences.value }));
  }

  function update() {
    if (!known.about) return;
    const names = ["auto", ...known.about.models.map((each) => each.name).filter((name) => !name.endsWith("/*")), ...Object.keys(known.about.aliases)];
    refresh(model, names, () => names.map((name) => h("option", { value: name }, name)));
    if (!known.about.models.some((each) => each.is_default) && model.value === "auto") model.value = names[1] ?? "auto";
  }

  function request(more = {}) {
    const body = { model: model.value, messages: [{ role: "user", content: prompt.value }], ...more };
    if (preferences.value.trim()) body.routing_preferences = JSON.parse(preferences.value);
    return body;
  }

  async function guarded(work) {
    said.textContent = "";
    decide.disabled = true;
    try {
      await work();
    } catch (error) {
      said.textContent = error instanceof SyntaxError ? `The preferences are not JSON: ${error.message}` : error.message;
    } finally {
      decide.disabled = false;
    }
  }

  async function decideNow() {
    const decided = await sent("/admin/decide", request());
    const rows = decided.explanation.candidates;
    const chosen = new Set(decided.models.slice(0, 1));
    const run = h("button.primary", { type: "button", onclick: () => guarded(() => runAll([...chosen])) });
    const label = () => { run.textContent = chosen.size > 1 ? `Run on ${chosen.size} models` : "Run"; run.disabled = !chosen.size; };
    const pick = (name) => h("label.pick", {}, h("input", {
      type: "checkbox", value: name, checked: chosen.has(name),
      onchange: (event) => {
        if (event.target.checked && chosen.size >= MOST) { event.target.checked = false; return; }
        chosen[event.target.checked ? "add" : "delete"](name);
        label();
      },
    }), h("span.mono", {}, name));
    const considered = rows.map((each) => each.model);
    const others = known.about.models.map((each) => each.name).filter((name) => !name.endsWith("/*") && !considered.includes(name));
    label();
    fill(answers);
    fill(result, h("section.card", {},
      h("header", {}, h("h2", {}, decided.route ?? "No route matched"), h("span.muted", {}, margin(decided.explanation))),
      scores({ ...decided.explanation, route: decided.route }),
      h("h3", {}, "Ranking"), h("p.muted", {}, sentence(decided.explanation.ranking)), candidates(rows),
      h("h3", {}, "Run it"), h("p.muted", {}, `This calls the providers and costs what any answer costs. Up to ${MOST} side by side.`),
      h("div.picks", {}, considered.map(pick), others.length > 0 && h("details", {}, h("summary", {}, "Models that were not considered"), others.map(pick))),
      h("div.actions", {}, run)));
  }

  async function runAll(models) {
    running?.abort();
    running = new AbortController();
    const columns = models.map((name) => answerCard(name));
    fill(answers, columns.map((column) => column.element));
    answers.scrollIntoView({ block: "nearest" });
    await Promise.all(columns.map((column, place) => answer(models[place], column, running.signal)));
  }

  async function answer(name, column, signal) {
    const began = performance.now();
    try {
      const body = { ...request({ stream: true, stream_options: { include_usage: true } }), model: name };
      delete body.routing_preferences;
      const reply = await ask("/admin/run", { body: JSON.stringify(body), headers: { "x-plano-routing": "off" }, signal });
      if (!reply.ok) throw new Error((await reply.json()).error.message);
      for await (const chunk of chunks(reply)) column.take(chunk, (performance.now() - began) / 1000);
      await column.end((performance.now() - began) / 1000, reply.headers.get("traceparent")?.split("-")[1]);
    } catch (error) {
      column.fail(error.message);
    }
  }

  return { update, end: () => { running?.abort(); main.removeEventListener("keydown", shortcut); } };
}

const margin = (explanation) => (typeof explanation.margin === "number" ? `margin ${explanation.margin.toFixed(3)} over the next` : "");

/** The configured routes in the form of a request. */
function configured() {
  const routes = (known.about?.routes ?? []).map(({ name, description, models, prefer }) => ({
    name, description, models, ...(prefer === "none" ? {} : { selection_policy: { prefer } }),
  }));
  return JSON.stringify(routes, null, 2);
}

async function sent(path, body) {
  const answer = await ask(path, { body: JSON.stringify(body) });
  const document = await answer.json();
  if (!answer.ok) throw new Error(`${document.error.message}${document.error.param ? ` (${document.error.param})` : ""}`);
  return document;
}

/** The chunks of a streamed chat completion. */
async function* chunks(reply) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data: ") || line === "data: [DONE]") continue;
      const chunk = JSON.parse(line.slice(6));
      if (chunk.error) throw new Error(chunk.error.message);
      yield chunk;
    }
  }
}

function answerCard(name) {
  const text = h("div.text", { "aria-live": "polite", "aria-busy": "true" });
  const numbers = h("p.muted", {}, "waiting…");
  const element = h("section.card.answer", {}, h("header", {}, h("h2.mono", {}, name)), text, numbers);
  let whole = "";
  let first = null;
  let usage = null;
  return {
    element,
    take(chunk, at) {
      const piece = chunk.choices?.[0]?.delta?.content;
      usage = chunk.usage ?? usage;
      if (!piece) return;
      first ??= at;
      whole += piece;
      fill(text, prose("pre", whole));
      fill(numbers, `first token ${seconds(first)}`);
    },
    async end(took, trace) {
      text.ariaBusy = "false";
      const counted = usage ? { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens } : null;
      const { records } = await read(`/admin/records/${trace}`);
      fill(numbers, `first token ${seconds(first)} · ${seconds(took)} · ${tokens(counted)} tokens · ${usd(records[0].cost_usd)} `,
        trace && h("a", { href: `#/requests/${trace}` }, "record"));
    },
    fail(said) {
      text.ariaBusy = "false";
      fill(numbers, h("span.bad-text", {}, said));
    },
  };
}
