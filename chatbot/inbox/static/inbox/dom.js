// Building and patching the page's elements. Text always goes in as text.

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {{[K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void}} Handlers */
/** @typedef {{on?: Handlers} & {[attribute: string]: unknown}} Props */

/**
 * An element with attributes, handlers (`on`) and children. Attributes that are
 * undefined, null or false are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Props} [props]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") continue;
    if (value === undefined || value === null || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [name, handler] of Object.entries(props.on ?? {})) {
    element.addEventListener(name, /** @type {EventListener} */ (handler));
  }
  element.append(...present(children));
  return element;
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function present(children) {
  const nodes = [];
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === "") continue;
    nodes.push(child instanceof Node ? child : String(child));
  }
  return nodes;
}

/**
 * Replaces what an element holds.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

/**
 * A filler that draws anew only what has changed: a click on what is drawn anew meanwhile is lost.
 * What is unfolded and where the focus is stays, as long as it is of the same.
 * @param {Element} element
 * @returns {(of: unknown, state: unknown, build: () => Child[]) => void}
 */
export function redrawn(element) {
  let drawn = "";
  /** @type {unknown} */
  let whose;
  return (of, state, build) => {
    const now = JSON.stringify([of, state]);
    if (now === drawn) return;
    const folds = () => [...element.querySelectorAll("details")];
    const focused = of === whose && element.contains(document.activeElement) ? document.activeElement : null;
    const before = focused ? sameName(element, focused) : [];
    const unfolded = of === whose ? folds().map((fold) => fold.open) : [];
    drawn = now;
    whose = of;
    fill(element, ...build());
    folds().forEach((fold, index) => {
      fold.open = unfolded[index] ?? fold.open;
    });
    const after = focused ? sameName(element, focused) : [];
    if (after.length === before.length) after[before.findIndex((one) => one === focused)]?.focus({ preventScroll: true });
  };
}

/**
 * What in it leads to the same, or is called the same: in its place may stand something else now.
 * @param {Element} element
 * @param {Element} like
 */
function sameName(element, like) {
  /** @param {Element} one */
  const name = (one) => one.getAttribute("href") ?? one.getAttribute("aria-label") ?? one.textContent;
  const all = /** @type {HTMLElement[]} */ ([...element.querySelectorAll("a, button, summary")]);
  return all.filter((one) => name(one) === name(like));
}

/**
 * The element that the template promises.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`#${id} is missing from the page`);
  return /** @type {T} */ (element);
}

/**
 * The value of a name.
 * @template {string} K
 * @template V
 * @param {K} name
 * @param {Record<K, V>} values
 * @returns {V}
 */
export function pick(name, values) {
  return values[name];
}

/**
 * Text for screen readers only.
 * @param {string} text
 */
export function spoken(text) {
  return h("span", { class: "spoken" }, text);
}

/**
 * After a dialog whose button is gone: who goes by keyboard is in the conversation, not at the page's top.
 * @param {HTMLDialogElement} dialog
 */
export function keepFocus(dialog) {
  dialog.addEventListener("close", () => {
    const { activeElement } = document;
    if (activeElement === document.body || dialog.contains(activeElement)) byId("contact-name").focus();
  });
}

/**
 * A patcher that makes a container's children follow a list: nodes are kept while
 * their item is the same, and the focus stays where it was.
 * @template T
 * @param {Element} container
 * @param {{key: (item: T) => string, same: (a: T, b: T) => boolean, build: (item: T) => HTMLElement}} how
 * @returns {(items: T[]) => void}
 */
export function keyed(container, { key, same, build }) {
  /** @type {Map<string, {item: T, node: HTMLElement}>} */
  let held = new Map();
  return (items) => {
    const focused = document.activeElement;
    /** @type {HTMLElement | null} */
    let refocus = null;
    /** @type {typeof held} */
    const next = new Map();
    for (const item of items) {
      const name = key(item);
      const old = held.get(name);
      if (old && same(old.item, item)) {
        next.set(name, { item, node: old.node });
        if (old.node.contains(focused)) refocus = /** @type {HTMLElement} */ (focused);
        continue;
      }
      const node = build(item);
      if (old?.node.contains(focused)) refocus = node.querySelector(focused instanceof HTMLInputElement ? "input" : "a, button");
      next.set(name, { item, node });
    }
    for (const [name, { node }] of held) {
      if (next.get(name)?.node !== node) node.remove();
    }
    let place = container.firstElementChild;
    for (const { node } of next.values()) {
      if (node === place) place = place.nextElementSibling;
      else container.insertBefore(node, place);
    }
    held = next;
    if (refocus && document.activeElement !== refocus) refocus.focus({ preventScroll: true });
  };
}
