// The bot's answers are the only HTML that the inbox shows. The server has sanitised
// it; this walk copies what is known to be harmless, and text from all the rest.

const TAGS = new Set(
  ["p", "br", "strong", "b", "em", "i", "del", "code", "pre", "blockquote", "ul", "ol", "li", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "a", "table", "thead", "tbody", "tr", "th", "td", "span", "div"],
);
const DROPPED = new Set(["script", "style", "template", "iframe", "object", "embed", "noscript", "svg", "math", "title"]);
// The transcript's own headings are above these; an answer must not outrank them.
const RENAMED = new Map([["h1", "h4"], ["h2", "h4"], ["h3", "h4"], ["h5", "h4"], ["h6", "h4"]]);

/**
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function safeHtml(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fragment = document.createDocumentFragment();
  copy(parsed.body, fragment);
  return fragment;
}

/**
 * @param {Node} from
 * @param {Node} to
 */
function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      to.appendChild(document.createTextNode(node.textContent ?? ""));
    } else if (node instanceof Element || node.nodeType === Node.ELEMENT_NODE) {
      copyElement(/** @type {Element} */ (node), to);
    }
  }
}

/**
 * @param {Element} element
 * @param {Node} to
 */
function copyElement(element, to) {
  const tag = element.localName;
  if (DROPPED.has(tag)) return;
  if (!TAGS.has(tag)) return copy(element, to);
  const clean = document.createElement(RENAMED.get(tag) ?? tag);
  if (clean instanceof HTMLAnchorElement) {
    const href = safeHref(element.getAttribute("href"));
    if (href) {
      clean.href = href;
      clean.target = "_blank";
      clean.rel = "noopener noreferrer";
    }
  }
  copy(element, clean);
  to.appendChild(clean);
}

/**
 * The address if a link may lead there, else null. Relative ones are refused: they
 * would point into the inbox, not to the shop.
 * @param {string | null | undefined} href
 * @returns {string | null}
 */
export function safeHref(href) {
  if (!href) return null;
  try {
    const url = new URL(href);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
