import { anchor, button, h, icon, linked, palette, place, rich, set, write } from "./dom.js";
import { clean, countCharacters, countUnread, MAX_LENGTH, mayAskForHuman, rowsOf } from "./state.js";
import { FULL_SCREEN } from "./styles.js";

const COUNT_FROM = 3600;

export const fullScreen = matchMedia(FULL_SCREEN);

/** The launcher and the panel. @type {CreateView} */
export function createView(speech, actions) {
  const { duration, moment, number, say } = speech;
  const log = createLog(speech, actions);
  const badge = h("span", "badge", { "aria-hidden": "true" });
  const avatar = h("span", "avatar", { "aria-hidden": "true" });
  const title = h("h2", "title");
  const status = h("p", "status");
  const line = h("p", "link", { role: "status" });
  const counter = h("p", "counter", { id: "counter" });
  const hours = h("span", "hours");
  const human = button("human", say("human"), { click: () => actions.send(say("human"), "human") });
  const sendButton = button("send", icon("M12 19V5M6 11l6-6 6 6"), { "aria-label": say("send"), click: submit });
  const attachButton = button("attach", icon("M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 5 5l-8.5 8.5a1.7 1.7 0 0 1-2.5-2.5L15 7"), {
    "aria-label": say("attach"),
    click: () => actions.attach(),
  });
  const closeButton = button("close", icon("M6 6l12 12M18 6L6 18"), { "aria-label": say("close"), click: actions.close });
  const input = h("textarea", "input", {
    rows: "1",
    placeholder: say("write"),
    "aria-label": say("write"),
    "aria-describedby": "counter",
    enterkeyhint: "send",
    input() {
      measure();
      actions.typed(input.value);
    },
    paste: drop,
    keydown(event) {
      // 229: Safari ends a composition before its key
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      submit();
    },
  });
  const panel = h(
    "section",
    "panel",
    { role: "dialog", id: "panel", keydown: keepFocus, dragover: (event) => event.dataTransfer.types.includes("Files") && event.preventDefault(), drop },
    h("div", "header", {}, avatar, h("div", "", {}, title, status), closeButton),
    line,
    log.element,
    h("div", "composer", {}, input, attachButton, sendButton),
    h("div", "footer", {}, human, hours, counter),
  );
  const launcher = button("launcher", icon("M4 5h16v12h-9l-4.5 4v-4H4z"), { "aria-controls": "panel", click: actions.toggle });
  launcher.append(badge);
  const root = h("div", "root", { lang: speech.language }, panel, launcher);
  let painted = "";

  function submit() {
    const text = clean(input.value);
    if (countCharacters(text) > MAX_LENGTH) return;
    const pictures = actions.take(submit);
    if (!pictures || !(text || pictures.length)) return;
    fill("");
    actions.send(text, "message", pictures);
  }

  /** @type {Take} */
  function drop(event) {
    const { files, types } = event.clipboardData ?? event.dataTransfer;
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    actions.attach([...files]);
  }

  function fill(text = "") {
    input.value = text;
    input.dispatchEvent(new Event("input"));
  }

  function measure() {
    input.style.height = "";
    input.style.height = input.scrollHeight + 2 + "px";
    const count = countCharacters(input.value);
    write(counter, count < COUNT_FROM ? "" : say("count", { n: number(count), max: number(MAX_LENGTH) }));
    set(input, { "aria-invalid": count > MAX_LENGTH ? "true" : null });
  }

  /** A panel that covers the page keeps the focus. @param {KeyboardEvent} event */
  function keepFocus(event) {
    if (event.key !== "Tab" || !fullScreen.matches) return;
    /** @type {NodeListOf<HTMLElement>} */
    const all = panel.querySelectorAll("a, :enabled, [tabindex]");
    const stops = [...all].filter((stop) => stop.getClientRects().length);
    if (event.shiftKey) stops.reverse();
    if (event.target !== stops.at(-1)) return;
    event.preventDefault();
    stops[0].focus();
  }

  const within = (/** @type {number | null} */ minutes) => (minutes === null ? "" : say("within", { time: duration(minutes) }));

  /** @param {Site | null} site */
  function whenHuman(site) {
    if (!site) return "";
    const { available, reply_minutes, opens_at } = site.human;
    if (available) return within(reply_minutes);
    return opens_at ? say("back", { time: moment(opens_at) }) : say("away");
  }

  return {
    root,
    panel,
    launcher,
    input,
    fill,
    render(state, accent) {
      const { conversation, link, open, site } = state;
      const unread = countUnread(state);
      const label = say(open ? "close" : "open") + (unread ? ", " + say("unread", { n: unread }) : "");
      set(launcher, { "aria-expanded": String(open), "aria-label": label });
      write(badge, unread ? String(unread) : "");
      if (painted !== accent) {
        painted = accent;
        for (const [name, value] of Object.entries(palette(accent))) root.style.setProperty("--" + name, value);
      }
      set(root, { "data-open": open });
      panel.hidden = !open;
      if (!open) return;

      const agent = conversation?.status === "assigned" && conversation.agent;
      const bot = site?.bot_name ?? "";
      set(panel, { "aria-label": "Chat, " + (site?.name ?? ""), "aria-modal": fullScreen.matches ? "true" : null });
      write(title, site?.name ?? "");
      write(avatar, initials(agent ? agent.name : bot));
      if (agent) write(status, [agent.name, within(agent.reply_minutes)].filter(Boolean).join(" · "));
      else if (conversation?.status === "queued")
        write(status, conversation.wait_minutes ? say("wait", { time: duration(conversation.wait_minutes) }) : whenHuman(site));
      else write(status, bot && say("bot", { name: bot }));
      write(line, link === "offline" || link === "refused" ? say(link) : "");
      const refused = (input.disabled = sendButton.disabled = link === "refused");
      human.hidden = refused || !mayAskForHuman(state);
      write(hours, human.hidden ? "" : whenHuman(site));
      log.render(state);
      measure();
    },
  };
}

/** @param {string} name */
const initials = (name) => name.replace(/(\S)\S*\s*/g, "$1").slice(0, 2);

/** The flow of messages, and what stands in it. @type {CreateLog} */
function createLog({ say, date, day, duration, time }, { ask, send, retry, edit, contact, show }) {
  const element = h("div", "log", { role: "log", tabindex: "0", "aria-label": "Chat" });
  const hour = new Date().getHours();
  const hello = say(hour < 5 || hour > 17 ? "evening" : hour < 12 ? "morning" : "afternoon");
  const greeting = h("div", "greeting", {}, h("h3", "", {}, hello), h("p", "", {}, say("greeting")));
  const replies = h("div", "replies");
  const dots = h("span", "dots", { role: "img" }, h("i", ""), h("i", ""), h("i", ""));
  const draft = h("span", "draft");
  const writer = h("div", "author");
  // read out is the whole message
  const typing = h("div", "message first last typing", { "aria-live": "off" }, writer, h("div", "bubble", {}, draft, dots));
  const standing = h("p", "standing");
  const note = h("p", "note", { id: "note" });
  const address = h("input", "", { type: "email", autocomplete: "email", required: true, "aria-describedby": "note" });
  const email = h("form", "email", { novalidate: true }, h("label", "", {}, say("email"), address), h("button", "", {}, say("send")));
  email.onsubmit = async (event) => {
    event.preventDefault();
    const outcome = address.checkValidity() ? await contact(address.value) : "wrong";
    write(note, say(outcome, { email: address.value }));
    note.classList.toggle("error", outcome !== "saved");
    if (outcome === "saved") email.remove();
    saved = outcome === "saved";
    stay();
  };

  /** @type {Lines} */
  const lines = new Map();
  let offered = "";
  let lastKey = "";
  let saved = false;
  let atEnd = true;
  element.onscroll = () => {
    atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
  };
  function stay() {
    if (!element.clientHeight) atEnd = true; // opened, it shows the newest
    if (atEnd) element.scrollTop = element.scrollHeight;
  }
  new ResizeObserver(stay).observe(element);

  /** @type {LineOf} */
  function lineOf({ key, day: iso = "", message, ...row }, link) {
    const known = lines.get(key);
    const shown = JSON.stringify([row, link, message?.id, message?.asks]);
    if (known && (iso || known.shown === shown)) return known.line;
    const line = known?.line ?? (message ? createMessage(message) : h("p", "day", {}, day(iso)));
    lines.set(key, { line, shown });
    if (message?.asks) ask(line, message).then(stay);
    if (message?.kind === "text") {
      line.classList.toggle("first", row.first);
      line.classList.toggle("last", row.last);
      const meta = /** @type {HTMLElement} */ (line.lastElementChild);
      meta.replaceChildren(...(row.pending ? progress(row.pending, link) : [time(message.at)]));
      meta.hidden = !row.last && !row.pending?.error;
    }
    return line;
  }

  /** @type {CreateMessage} */
  function createMessage({ attachments, author, citations, html, kind, language, text }) {
    const lang = language || null;
    if (kind === "notice") return h("p", "notice", { lang }, text);
    const mine = author.kind === "contact";
    const pictures = h("div", "pictures");
    if (attachments?.length) show(pictures, attachments).then(stay);
    const content = mine ? [text] : html ? [rich(html, text)] : linked(text);
    return h(
      "div",
      mine ? "message mine" : "message",
      {},
      h("div", "author", {}, mine ? say("you") : (author.name ?? "")),
      pictures,
      h("div", "bubble", { lang, hidden: !text }, ...content),
      ...(citations.length ? sources(citations, text) : []),
      h("div", "meta"),
    );
  }

  /** @type {Progress} */
  function progress(pending, link) {
    if (!pending.error) return [say(link === "offline" ? "later" : "sending")];
    const unfit = /too_long|empty|control/.test(pending.error);
    return [
      h("span", "error", { role: "alert" }, say(unfit ? "unfit" : "failed")),
      button("quiet", say("edit"), { click: () => edit(pending) }),
      ...(unfit ? [] : [button("quiet", say("retry"), { click: () => retry(pending.client_id) })]),
    ];
  }

  /** @type {Sources} */
  function sources(citations, text) {
    const items = citations.map(({ number, title, category, updated_at, url }) => {
      const cited = `[${number}]`;
      const details = [category, say("updated", { date: date(updated_at) })].filter(Boolean).join(" · ");
      return h("li", "source", {}, anchor(url ?? "", text.includes(cited) ? cited + " " + title : title), h("div", "", {}, details));
    });
    const list = h("ul", "sources", { hidden: true }, ...items);
    const opener = button("quiet", say("source", { titles: citations.map(({ title }) => title).join(", ") }), {
      "aria-expanded": "false",
      click() {
        list.hidden = !list.hidden;
        set(opener, { "aria-expanded": String(!list.hidden) });
      },
    });
    return [opener, list];
  }

  return {
    element,
    render(state) {
      const { conversation, link, site } = state;
      const { asks_email, position: n, status, wait_minutes } = conversation ?? {};
      const rows = rowsOf(state);
      const last = rows.at(-1);
      const nodes = rows.map((row) => lineOf(row, link));

      /** @type {QuickReply[]} */
      let offers = (!last?.message?.asks && last?.message?.quick_replies) || [];
      if (!last && (state.synced || link === "offline")) {
        nodes.push(greeting);
        offers = (site?.suggestions ?? []).map((text) => ({ text, intent: "message" }));
      }
      if (JSON.stringify(offers) !== offered) {
        offered = JSON.stringify(offers);
        replies.replaceChildren(...offers.map(({ text, intent }) => button("reply", text, { click: () => send(text, intent) })));
      }
      if (state.typing) {
        write(writer, state.typing.name ?? "");
        write(draft, state.draft);
        set(dots, { "aria-label": say("typing", state.typing) });
      }
      nodes.push(state.typing ? typing : replies);

      const added = !!last && last.key !== lastKey;
      if (asks_email && !saved) nodes.push(email);
      else if (added) write(note, "");
      let stands = status === "resolved" ? say("resolved") : "";
      if (status === "queued") {
        stands = say(n ? "place" : "queue", { n });
        if (wait_minutes) stands += " " + say("wait", { time: duration(wait_minutes) });
      }
      write(standing, stands);
      place(element, [...nodes, note, standing]);

      const theirs = last?.message?.author.kind !== "contact";
      atEnd ||= added && !theirs;
      stay();
      const top = (lines.get(last?.key ?? "")?.line.offsetTop ?? 0) - 12;
      if (atEnd && added && theirs && lastKey && top < element.scrollTop) {
        // a long answer shows its beginning
        element.scrollTop = top;
        atEnd = false;
      }
      lastKey = last?.key ?? "";
    },
  };
}
