// The page: which part is shown, the state in the corner, and the token where one is asked for.

import { fill, h, showTips } from "./dom.js";
import { clock, seconds } from "./format.js";
import { follow, giveToken, known, live } from "./live.js";
import * as configuration from "./pages/configuration.js";
import * as models from "./pages/models.js";
import * as overview from "./pages/overview.js";
import * as playground from "./pages/playground.js";
import * as requests from "./pages/requests.js";
import * as routes from "./pages/routes.js";

const PAGES = { overview, models, routes, requests, playground, configuration };

const main = document.getElementById("main");
const nav = document.getElementById("nav");
const pulse = document.getElementById("pulse");
let shown = { name: null, page: null };

function go() {
  const [name, ...rest] = location.hash.replace(/^#\//, "").split("/").map(decoded);
  const chosen = Object.hasOwn(PAGES, name) ? name : "overview";
  if (shown.name !== chosen) {
    shown.page?.end?.();
    document.title = `${PAGES[chosen].TITLE} · Plano`;
    shown = { name: chosen, page: PAGES[chosen].begin(main) };
    window.scrollTo(0, 0);
    for (const link of nav.children) link.ariaCurrent = link.dataset.page === chosen ? "page" : "false";
    nav.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  shown.page.choose?.(rest[0]);
  update();
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

function update() {
  showPulse();
  if (known.isTokenAsked) askForToken();
  else shown.page?.update?.();
}

function showPulse() {
  const state = known.state;
  const [kind, said] = !known.isConnected
    ? ["bad", "not connected"]
    : !state ? ["warn", "waiting"] : state.is_ready ? ["ok", "ready"] : ["bad", state.reasons.join(", ")];
  fill(pulse,
    h("span", {}, h(`i.dot.${kind}`), said),
    state && !known.isConnected && h("span.muted", {}, `shown as of ${clock(state.at)}`),
    state && known.isConnected && h("span.muted", {}, `${state.version} · ${state.workers > 1 ? `${state.workers} workers · ` : ""}up ${seconds(state.uptime_s)}`));
}

function askForToken() {
  if (main.querySelector("form.token")) return;
  const field = h("input", { type: "password", id: "token", autocomplete: "off", required: true });
  shown.page?.end?.();
  shown = { name: null, page: null };
  fill(main, h("form.token.card", {
    onsubmit: (event) => {
      event.preventDefault();
      giveToken(field.value);
      setTimeout(go, 400);
    },
  },
  h("h1", {}, "Admin token"),
  h("p.muted", {}, "This listener asks for the token that stands under admin.token in the configuration. It is kept in this tab only."),
  h("label", { for: "token" }, "Token"), field,
  h("button.primary", { type: "submit" }, "Open")));
  field.focus();
}

for (const [name, page] of Object.entries(PAGES)) nav.append(h("a", { href: `#/${name}`, "data-page": name }, page.TITLE));
document.getElementById("skip").addEventListener("click", () => main.focus());
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input,textarea,select")) return;
  const field = main.querySelector("input[type=search]");
  if (field) { event.preventDefault(); field.focus(); }
});
showTips(document.getElementById("tip"));
window.addEventListener("hashchange", go);
follow(update);
go();
live();
