// Numbers as people read them. What is not known is "?", and never 0.

export const UNKNOWN = "?";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** A count. */
export const count = (number) => (isKnown(number) ? whole.format(number) : UNKNOWN);

/** A number with three significant digits, such as requests per second. */
export function amount(number) {
  if (!isKnown(number)) return UNKNOWN;
  if (number === 0) return "0";
  if (number >= 100) return whole.format(number);
  return number >= 1 ? number.toPrecision(3) : String(Number(number.toPrecision(2)));
}

/** Seconds, in the unit that needs the fewest digits; always as many of them, so that columns of them line up. */
export function seconds(number) {
  if (!isKnown(number)) return UNKNOWN;
  if (number === 0) return "0 ms";
  if (number < 0.0995) return `${(number * 1000).toFixed(number < 0.00995 ? 2 : 1)} ms`;
  if (number < 0.9995) return `${Math.round(number * 1000)} ms`;
  if (number < 99.5) return `${number.toFixed(number < 9.95 ? 2 : 1)} s`;
  if (number < 120) return `${Math.round(number)} s`;
  if (number < 5400) return `${Math.round(number / 60)} min`;
  if (number < 172_800) return `${Math.round(number / 3600)} h`;
  return `${Math.round(number / 86_400)} d`;
}

/** US dollars; small amounts with two significant digits. */
export function usd(number) {
  if (!isKnown(number)) return UNKNOWN;
  if (number === 0) return "$0";
  if (number >= 1000) return `$${whole.format(number)}`;
  if (number >= 0.1) return `$${number.toFixed(2)}`;
  const places = Math.min(12, 1 - Math.floor(Math.log10(number)));
  return `$${number.toFixed(Math.max(2, places))}`;
}

/** A share of 1 as percent. */
export function percent(share) {
  if (!isKnown(share)) return UNKNOWN;
  const points = share * 100;
  return `${points === 0 || points >= 9.95 ? Math.round(points) : points.toFixed(1)} %`;
}

/** Bytes. */
export function bytes(number) {
  if (!isKnown(number)) return UNKNOWN;
  if (number < 1000) return `${number} B`;
  if (number < 1_000_000) return `${(number / 1000).toFixed(1)} kB`;
  return `${(number / 1_000_000).toFixed(1)} MB`;
}

/** A probability. */
export function score(number) {
  if (!isKnown(number)) return UNKNOWN;
  return number > 0 && number < 0.0005 ? "<0.001" : number.toFixed(3);
}

/** A moment of today; of another day with its date. */
export function clock(at) {
  if (!isKnown(at)) return UNKNOWN;
  const moment = new Date(at * 1000);
  const time = moment.toLocaleTimeString("en-GB");
  if (moment.toDateString() === new Date().toDateString()) return time;
  return `${moment.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

/** A number as it stands at an axis: without zeros that say nothing. */
export const short = (said) => said.replace(/(\.\d*?)0+(?=\D*$)/, "$1").replace(/\.(?=\D*$)/, "");

/** Share of a part, null when the whole is 0: of nothing there is no share. */
export const share = (part, all) => (all > 0 ? part / all : null);

function isKnown(number) {
  return typeof number === "number" && Number.isFinite(number);
}
