/** @type {Create} */
export function h(tag, name, properties = {}, ...children) {
  const element = document.createElement(tag);
  set(element, { class: name || null, part: name || null, ...properties });
  element.append(...children);
  return element;
}

/** @type {Button} */
export const button = (name, content, properties) => h("button", name, { type: "button", ...properties }, content);

/** @type {SetProperties} */
export function set(element, properties) {
  for (const [name, value] of Object.entries(properties))
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === false || value === null) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
}

/** @type {Write} */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

/** @type {Place} */
export function place(parent, nodes) {
  for (const child of [...parent.childNodes]) if (!nodes.includes(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index]);
  });
}

/** @param {string} path on a grid of 24 */
export function icon(path) {
  const [svg, line] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  set(svg, { viewBox: "0 0 24 24", "aria-hidden": "true" });
  set(line, { d: path });
  svg.append(line);
  return svg;
}

/** @type {MakeAnchor} */
export const anchor = (href, text) =>
  /^(https?:|mailto:)/i.test(href) ? h("a", "", { href, rel: "noopener nofollow", target: "_blank" }, text) : new Text(text);

/** Text with its web addresses as links. @param {string} text */
export const linked = (text) =>
  text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'])/).map((part, index) => (index % 2 ? anchor(part, part) : part));

const ALLOWED = "P UL OL LI STRONG EM A CODE BR BLOCKQUOTE H3 H4".split(" ");

/** @type {Rich} */
export function rich(html, text) {
  const fragment = new DocumentFragment();
  try {
    copy(new DOMParser().parseFromString(html, "text/html").body, fragment);
  } catch {
    fragment.append(text);
  }
  return fragment;
}

/** @type {Copy} */
function copy(from, to) {
  for (const node of from.childNodes) {
    let target = to;
    if (node instanceof Text) to.appendChild(new Text(node.data));
    else if (!(node instanceof Element) || /^(SCRIPT|STYLE)$/i.test(node.tagName)) continue;
    else if (node.tagName === "A") target = to.appendChild(anchor(node.getAttribute("href") ?? "", ""));
    else if (ALLOWED.includes(node.tagName)) target = to.appendChild(document.createElement(node.tagName));
    copy(node, target instanceof Text ? to : target);
  }
}

/** Relative luminance as in WCAG, with its 0.05. @param {number[]} rgb */
function luminance(rgb) {
  const [r, g, b] = rgb.map((part) => ((part / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
}

/** @param {number[]} a @param {number[]} b */
const contrast = (a, b) => Math.max(luminance(a) / luminance(b), luminance(b) / luminance(a));

/** The site's colour, and what reads at 4.5:1 with it. @param {string} hex #rgb or #rrggbb, else the default is taken */
export function palette(hex) {
  const digits = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(hex)?.[1].replace(/^(.)(.)(.)$/, "$1$1$2$2$3$3") ?? "0f766e";
  const rgb = [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  /** @param {number} grey of the surface @param {number} end black or white */
  const readable = (grey, end) => {
    let color = rgb;
    for (let step = 1; contrast(color, [grey, grey, grey]) < 4.5; step++)
      color = rgb.map((part) => part + ((end - part) * step) / 20);
    return `rgb(${color})`;
  };
  return {
    accent: "#" + digits,
    "on-accent": contrast(rgb, [255, 255, 255]) < 4.5 ? "#000" : "#fff",
    "accent-light": readable(242, 0),
    "accent-dark": readable(38, 255),
  };
}
