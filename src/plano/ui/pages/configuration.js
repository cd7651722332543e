// What the gateway was configured to do, where each value comes from, and how to connect to it.

import { fill, h, prose, refresh } from "../dom.js";
import { known } from "../live.js";
import { baseUrl, heading, nothing, snippet, table } from "../parts.js";

export const TITLE = "Configuration";

export function begin(main) {
  const facts = h("dl.facts.wide");
  const connect = h("section.card");
  const warnings = h("div.warnings");
  const { element, body } = table([
    ["Key", "Its place in the file."],
    ["Value", "What it means; keys are shown as their name and a fingerprint."],
    ["From", "File and line, the environment, or default."],
  ], "Effective configuration");
  const words = h("input", { type: "search", placeholder: "Filter keys and values  ( / )", "aria-label": "Filter", oninput: () => update() });
  const isWritten = h("button.toggle", { type: "button", "aria-pressed": "true", onclick: (event) => {
    event.currentTarget.ariaPressed = String(event.currentTarget.ariaPressed !== "true");
    update();
  } }, "Without defaults");
  fill(main, heading("Configuration", "As the gateway understands it."), warnings, h("section.card", {}, facts), connect,
    h("h2.section", {}, "Effective values"), h("div.tools", {}, words, isWritten), h("section.card.flush", {}, element));

  function update() {
    const about = known.about;
    if (!about) return;
    refresh(warnings, about.warnings, () => about.warnings.map(warning));
    refresh(facts, about, () => summary(about));
    refresh(connect, [about.listeners, about.asks_for_keys, about.models.length], () => connecting(about));
    const rows = flat(about.values).filter((row) => shows(row, words.value, isWritten.ariaPressed === "true"));
    refresh(body, rows, () => (rows.length ? rows.map(valueRow) : h("tr", {}, h("td", { colspan: 3 }, nothing("Nothing to show", h("p.muted", {}, "Show defaults too, or change the filter."))))));
  }

  return { update };
}

/** A warning as the command line shows it, with the place in the file. */
function warning(said) {
  const element = prose("pre", said);
  element.className = "warning";
  return element;
}

const summary = (about) => [
  ["Version", about.version, "Of the gateway that answers this page."],
  ["Configuration", `sha ${about.config_sha.slice(0, 12)}`, "First digits of the SHA-256 of the effective values, as `plano config show | sha256sum` says it; the start of the gateway and its log say it too."],
  ["Listens at", about.listeners.map((one) => one.url).join(", "), "Where callers reach it."],
  ["Callers' keys", about.asks_for_keys ? "asked for" : "not asked for", "Whether callers need one of the keys of the section callers."],
  ["Models", about.models.map((one) => one.name + (one.is_default ? " (default)" : "")).join(", "), "Declared ones, wildcards included."],
  ["Routes", about.routes.map((one) => one.name).join(", ") || "none", "Configured ones; a request may bring its own."],
  ["Prices", `catalog of ${about.catalog_date}`, "Date of the newest source of the prices that came with the package."],
].map(([label, value, tip]) => [h("dt", { tip }, label), h("dd", {}, value)]);

function connecting(about) {
  const key = about.asks_for_keys ? "YOUR_KEY" : "none";
  const url = `${baseUrl()}/v1`;
  const name = about.models.some((one) => one.is_default) ? "auto" : about.models.find((one) => !one.name.endsWith("/*"))?.name ?? "auto";
  const field = about.asks_for_keys ? ` \\\n  -H 'authorization: Bearer ${key}'` : "";
  const kinds = {
    curl: `curl ${url}/chat/completions${field} \\\n  -H 'content-type: application/json' \\\n  -d '{"model": "${name}", "messages": [{"role": "user", "content": "hello"}]}'`,
    Python: `from openai import OpenAI\n\nclient = OpenAI(base_url="${url}", api_key="${key}")\nanswer = client.chat.completions.create(\n    model="${name}", messages=[{"role": "user", "content": "hello"}]\n)\nprint(answer.choices[0].message.content)`,
    JavaScript: `import OpenAI from "openai";\n\nconst client = new OpenAI({ baseURL: "${url}", apiKey: "${key}" });\nconst answer = await client.chat.completions.create({\n  model: "${name}", messages: [{ role: "user", content: "hello" }],\n});\nconsole.log(answer.choices[0].message.content);`,
    "Decision only": `curl ${baseUrl()}/routing/v1/chat/completions?explain=1${field} \\\n  -H 'content-type: application/json' \\\n  -d '{"model": "${name}", "messages": [{"role": "user", "content": "hello"}]}'`,
  };
  const shown = h("div");
  const tabs = Object.keys(kinds).map((kind) => h("button.toggle", { type: "button", "aria-pressed": "false", onclick: () => show(kind) }, kind));
  function show(kind) {
    for (const tab of tabs) tab.ariaPressed = String(tab.textContent === kind);
    fill(shown, snippet(kinds[kind]));
  }
  show("curl");
  return [h("header", {}, h("h2", {}, "Connect"), h("div.tabs", {}, tabs)), shown];
}

/** Every value with its path; a value is an object with `value` and `origin`. */
function flat(tree, path = "") {
  if (tree === null || typeof tree !== "object") return [];
  if ("origin" in tree && "value" in tree && Object.keys(tree).length === 2) return [{ path, ...tree }];
  return Object.entries(tree).flatMap(([key, below]) => flat(below, Array.isArray(tree) ? `${path}[${key}]` : path ? `${path}.${key}` : key));
}

const shows = (row, words, isWritten) => (!isWritten || row.origin !== "default")
  && words.toLowerCase().trim().split(/\s+/).every((word) => `${row.path} ${row.value} ${row.origin}`.toLowerCase().includes(word));

const valueRow = (row) => h("tr", {},
  h("td.mono.path", {}, row.path),
  h("td.name", {}, row.value === null ? h("span.muted", {}, "not set") : String(row.value)),
  h("td.name.muted", {}, row.origin));
