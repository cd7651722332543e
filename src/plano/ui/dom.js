// Elements and text. Everything shown goes through text nodes and setAttribute: no string ever becomes markup.

const LONGEST = 600;

/** Text as it may be shown: control and direction marks by their numbers, cut where it is too long for a line. */
export function visible(text, longest = LONGEST) {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (mark) => `\\u${mark.codePointAt(0).toString(16).padStart(4, "0")}`);
}

/** An element: `h("td.num", {tip}, child, …)`. Children are nodes, strings, numbers; null and false are left out. */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "tip") explain(element, value);
    else if (key === "width%") element.style.width = `${value}%`;
    else if (key === "left%") element.style.left = `${value}%`;
    else if (key === "height%") element.style.height = `${value}%`;
    else if (key === "value") element.value = value;
    else element.setAttribute(key, value === true ? "" : visible(String(value), 2000));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : visible(String(child)));
  }
}

/** Long text with its line ends, cut at 100,000 characters. */
export function prose(name, text) {
  const element = h(name);
  element.textContent = text.slice(0, 100_000).split("\n").map((line) => visible(line.replaceAll("\t", "    "), 100_000)).join("\n");
  return element;
}

/** Puts children in place of what is there. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

const FOCUSABLE = "a,button,summary,[tabindex]";

/** Builds the content of an element again only where `signature` has changed; the focus stays on the same key, or place. */
export function refresh(element, signature, build) {
  const now = JSON.stringify(signature);
  if (element.dataset.seen === now) return;
  element.dataset.seen = now;
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const place = [...element.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  fill(element, build());
  const there = key !== undefined
    ? element.querySelector(`[data-key="${CSS.escape(key)}"]`)
    : element.querySelectorAll(FOCUSABLE)[place];
  there?.focus({ preventScroll: true });
}

/** Says how a number was computed, to the mouse and to the keyboard. */
export function explain(element, said) {
  element.dataset.tip = said;
  if (!element.matches("a,button,input,select,textarea,[tabindex]")) element.tabIndex = 0;
}

/** Shows explanations beside what is pointed at or focused. */
export function showTips(tip) {
  let due = null;
  const hide = () => { clearTimeout(due); tip.hidden = true; };
  const show = (about) => {
    tip.textContent = about.dataset.tip;
    tip.hidden = false;
    const place = about.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const below = place.bottom + 8 + own.height < window.innerHeight;
    tip.style.top = `${below ? place.bottom + 8 : Math.max(8, place.top - own.height - 8)}px`;
    tip.style.left = `${Math.min(Math.max(8, place.left), window.innerWidth - own.width - 8)}px`;
  };
  const after = (wait) => (event) => {
    hide();
    const about = event.target.closest?.("[data-tip]");
    if (about) due = setTimeout(() => { if (about.isConnected) show(about); }, wait);
  };
  document.addEventListener("mouseover", after(350));
  document.addEventListener("focusin", after(0));
  document.addEventListener("scroll", hide, true);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
}

/** A button that copies text and says so. */
export function copies(text, label = "Copy") {
  return h("button.quiet", {
    type: "button",
    onclick: async (event) => {
      const button = event.currentTarget;
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 1200);
    },
  }, label);
}
