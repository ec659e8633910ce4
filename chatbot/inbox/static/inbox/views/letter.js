// What people look at only when they want to: a mail as it was written, what it quotes, who got it, earlier versions.

import { fill, h } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @typedef {{more: (id: number) => Promise<More | null>, stylesheet: string}} Reading
 * `stylesheet`: the address of what a letter is written in
 */

/**
 * @param {Message} message
 * @param {Reading} reading
 */
export function buildMore(message, reading) {
  const { id, mail, more } = message;
  /** @type {Promise<More | null> | null} */
  let asked = null;
  const fetched = async () => {
    asked ??= reading.more(id);
    const found = await asked;
    if (!found) asked = null; // asked again the next time
    return found;
  };
  const labels = {
    html: gettext("As it was written"),
    quoted: gettext("Quoted text"),
    signature: gettext("Signature"),
    before: gettext("Earlier versions"),
  };
  const folds = more.map((name) => fold(labels[name], async () => {
    const found = await fetched();
    return found && shown(name, found, reading.stylesheet);
  }));
  if (mail) folds.push(fold(gettext("From, to"), async () => people(mail)));
  if (!folds.length) return [];
  return [h("p", { class: "aside folds" }, ...folds.map(({ button }) => button)), ...folds.map(({ panel }) => panel)];
}

/**
 * @param {string} label
 * @param {() => Promise<HTMLElement | null>} build
 */
function fold(label, build) {
  const panel = h("div", { class: "fold-panel", hidden: true });
  const button = h("button", { type: "button", class: "link fold", "aria-expanded": "false", on: { click: () => void toggle() } }, icon("fold"), label);
  async function toggle() {
    if (panel.hidden && !panel.hasChildNodes()) {
      const content = await build();
      if (!content) return;
      fill(panel, content);
    }
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
  }
  return { button, panel };
}

/**
 * @param {Message["more"][number]} name
 * @param {More} more
 * @param {string} stylesheet
 */
function shown(name, more, stylesheet) {
  switch (name) {
    case "html": return letter(more, stylesheet);
    case "before": return h("ol", { class: "versions" }, ...more.before.map((text) => h("li", { class: "plain", dir: "auto" }, text)));
    default: return h("p", { class: "plain draft-text", dir: "auto" }, more[name]);
  }
}

/**
 * A stranger's HTML: in a frame that has no origin, runs nothing, and loads nothing but our stylesheet.
 * @param {More} more
 * @param {string} stylesheet
 */
function letter({ html, remote_pictures }, stylesheet) {
  const sheet = new URL(stylesheet, location.href).href;
  const policy = `default-src 'none'; img-src data:; style-src ${sheet}`;
  const frame = h("iframe", {
    class: "letter", title: gettext("The mail as it was written"), referrerpolicy: "no-referrer",
    // Links open in a tab of their own, which knows nothing of this page.
    sandbox: "allow-popups allow-popups-to-escape-sandbox",
  });
  frame.srcdoc = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">`
    + `<meta name="referrer" content="no-referrer"><base target="_blank"><link rel="stylesheet" href="${sheet}"><body>${html}`;
  return h("div", {},
    remote_pictures && h("p", { class: "aside" }, gettext("Pictures that are elsewhere are not loaded: the sender would see that you look.")),
    frame);
}

/** @param {Mail} mail */
function people({ subject, sender, to, cc, checks, truncated }) {
  const results = Object.entries(checks).map(([method, result]) => `${method.toUpperCase()} ${result}`).join(", ");
  return h("dl", { class: "mail-head" },
    ...line(gettext("Subject"), subject),
    ...line(gettext("From"), sender),
    ...line(gettext("To"), to.map(written).join(", ")),
    ...line(gettext("Copy"), cc.map(written).join(", ")),
    ...line(gettext("Checked"), results),
    ...line(gettext("Length"), truncated && gettext("Too long to be shown whole")),
  );
}

/** @param {Address} address */
function written({ name, address }) {
  return name ? `${name} <${address}>` : address;
}

/**
 * @param {string} label
 * @param {string | false} value
 */
function line(label, value) {
  return value ? [h("dt", {}, label), h("dd", { dir: "auto" }, value)] : [];
}

/**
 * What the server that received a mail says of its sender: never who somebody is.
 * @param {Message} message
 */
export function buildChecked({ mail }) {
  if (!mail || mail.verified === null) return null;
  return mail.verified
    ? h("p", { class: "aside" }, icon("check"), gettext("The receiving server could verify the sender"))
    : h("p", { class: "aside unverified" }, icon("late"), gettext("The receiving server could not verify the sender"));
}

/** @param {string} why */
export function machineWords(why) {
  switch (why) {
    case "auto_reply": return gettext("An automatic reply: the bot does not answer it.");
    case "blocked": return gettext("From somebody who is blocked: nobody is told of it.");
    case "bounce": return gettext("A mail of ours came back.");
    case "list": return gettext("From a mailing list: the bot does not answer it.");
    case "loop": return gettext("It has gone in circles: the bot does not answer it.");
    case "own": return gettext("From our own address: the bot does not answer it.");
    case "receipt": return gettext("A receipt that a mail was read.");
    case "too_large": return gettext("Too large: only its beginning was read.");
    case "unreadable": return gettext("It could not be read. It is attached as it came.");
    default: return gettext("From a machine: the bot does not answer it.");
  }
}
