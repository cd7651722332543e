// What is known of the gateway, kept up to date by one stream of events.

const MAX_ENTRIES = 1000;
const SHOWN_EVERY_MS = 500;
const TOKEN = "plano-admin-token";

export const known = { state: null, entries: [], series: null, about: null, isConnected: false, isTokenAsked: false };

const listeners = new Set();
let due = null;
let stream = null;

// A browser opens six connections to a host, over all tabs: one that nobody sees gives its own back.
const isSeen = () => document.visibilityState === "visible";
document.addEventListener("visibilitychange", () => { if (!isSeen()) stream?.abort(); });
window.addEventListener("pagehide", () => stream?.abort());

/** Calls `listener` when something has changed, at most twice a second; gives back how to stop that. */
export function follow(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed() {
  due ??= setTimeout(() => {
    due = null;
    for (const listener of listeners) listener();
  }, SHOWN_EVERY_MS / 2);
}

/** A request to the admin listener; the page's own field tells it from one of another site. */
export async function ask(path, { body, headers, signal } = {}) {
  const token = sessionStorage.getItem(TOKEN);
  const sent = { "x-plano-ui": "1", ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers };
  if (body !== undefined) sent["content-type"] = "application/json";
  return fetch(path, { method: body === undefined ? "GET" : "POST", headers: sent, body, signal, cache: "no-store" });
}

/** The JSON of a GET. Throws where there is none. */
export async function read(path) {
  const answer = await ask(path);
  if (answer.status === 401) throw new TokenAsked();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

export class TokenAsked extends Error {}

/** Remembers the token for this tab, and begins again. */
export function giveToken(token) {
  sessionStorage.setItem(TOKEN, token);
  known.isTokenAsked = false;
  changed();
}

/** Follows the gateway for as long as the page is open. */
export async function live() {
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      const [records, series, about] = await Promise.all(
        [read("/admin/records?limit=1000"), read("/admin/series"), read("/admin/config")]);
      known.entries = records.records;
      known.series = series;
      known.about = about;
      await listen(() => { wait = 500; });
    } catch (error) {
      known.isTokenAsked = error instanceof TokenAsked;
    }
    known.isConnected = false;
    changed();
    await pause(isSeen() ? wait : 0);
    while (known.isTokenAsked || !isSeen()) await pause(200);
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function listen(begun) {
  stream = new AbortController();
  const answer = await ask("/admin/events", { signal: stream.signal });
  if (!answer.ok) return;
  begun();
  known.isConnected = true;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) take(event);
    changed();
  }
}

function take(event) {
  const kind = /^event: (.*)$/m.exec(event)?.[1];
  const data = /^data: (.*)$/m.exec(event)?.[1];
  if (data === undefined) return;
  if (kind === "state") {
    known.state = JSON.parse(data);
    mergeNewest(known.state.newest);
  } else if (kind === "entry") {
    known.entries.unshift(JSON.parse(data));
    known.entries.length = Math.min(known.entries.length, MAX_ENTRIES);
  }
}

/** The newest stretches take the place of those of the same moment. */
function mergeNewest(newest) {
  const series = known.series;
  if (!series || !newest) return;
  newest.at.forEach((at, place) => {
    const last = series.at.length - 1;
    const row = series.at[last] === at ? last : last + 1;
    for (const [name, column] of Object.entries(newest)) if (Array.isArray(column)) series[name][row] = column[place];
  });
}
