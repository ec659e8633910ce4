// The team page: who is here and what they have, who waits, what today brought, and stepping in.

import { byId, fill, h, keyed, spoken } from "../dom.js";
import { clock, duration, inWords } from "../time.js";
import { initials, presenceName } from "../words.js";
import { byPresence, inOneLine, load } from "./colleagues.js";

/** @import { Actions } from "../actions.js"; */

const AFTER = 400;
const LIVE = new Set(["row", "presence", "viewers", "counts", "rating"]);

/**
 * @param {Store} store
 * @param {Actions} actions
 * @param {(id: number) => void} go
 * @param {(text: string) => void} mention
 */
export function createTeamPage(store, actions, go, mention) {
  const inbox = byId("inbox");
  const step = /** @type {HTMLDialogElement} */ (byId("step-in"));
  const change = /** @type {HTMLDialogElement} */ (byId("teammate"));
  const form = /** @type {HTMLFormElement} */ (byId("teammate-form"));
  const capacity = /** @type {HTMLInputElement} */ (byId("teammate-capacity"));
  const rows = keyed(byId("team-rows"), {
    key: (/** @type {Teammate} */ { id }) => String(id),
    same: (a, b) => JSON.stringify(a) === JSON.stringify(b),
    build: teammate,
  });
  /** @type {Look | null} */
  let looked = null;
  /** @type {Teammate | null} */
  let chosen = null;
  let timer = 0;

  function shown() {
    return inbox.dataset.page === "team";
  }

  function show() {
    inbox.dataset.page = "team";
    void fetchNow();
    byId("team-title").focus();
  }

  function hide() {
    inbox.dataset.page = "conversations";
  }

  async function fetchNow() {
    clearTimeout(timer);
    const team = await actions.ask((api) => api.team());
    fill(byId("team-failed"), typeof team === "string" ? team : "");
    if (typeof team !== "string") render(team);
  }

  /** @param {Team} team */
  function render(team) {
    const { today } = team;
    fill(byId("team-figures"),
      figure(gettext("Waiting"), String(team.waiting)),
      figure(gettext("Waiting longest"), team.oldest ? lookButton(team.oldest) : "–"),
      figure(gettext("Promised wait"), team.promised_minutes === null ? "–" : duration(team.promised_minutes * 60_000)),
      figure(gettext("Handled today"), String(today.handled)),
      figure(gettext("Median first reply"), reply(today)),
      figure(gettext("Ratings today"), rating(today)),
    );
    rows(byPresence(team.team));
  }

  /** @param {Teammate} one */
  function teammate(one) {
    const since = one.since ? interpolate(gettext("since %(time)s"), { time: clock(one.since) }, true) : "";
    return h("tr", { role: "row" },
      h("th", { role: "rowheader", scope: "row" }, h("div", { class: "team-who" },
        h("span", { class: "avatar", "aria-hidden": "true" }, initials(one.name)),
        h("span", { class: "grow" }, one.name,
          h("span", { class: "quiet small block" }, h("span", { class: "dot", "data-presence": one.presence }), " ", presenceName(one.presence), " ", since),
          one.changed && h("span", { class: "quiet small block" },
            interpolate(gettext("Changed by %(name)s at %(time)s"), { name: one.changed.by, time: clock(one.changed.at) }, true))))),
      cell(gettext("Load"), h("meter", { min: 0, max: Math.max(one.capacity, 1), value: Math.min(one.open, one.capacity), "aria-label": load(one) }), " ",
        h("span", { class: "figures" }, load(one))),
      cell(gettext("Looks at"), ...(one.looks_at.length ? one.looks_at.map(lookButton) : ["–"])),
      cell(gettext("Waiting longest"), one.oldest ? lookButton(one.oldest) : "–"),
      cell(gettext("Handled today"), String(one.today.handled)),
      cell(gettext("Median first reply"), reply(one.today)),
      cell(gettext("Ratings today"), rating(one.today)),
      h("td", { role: "cell" }, h("button", { type: "button", on: { click: () => openChange(one) } },
        gettext("Change"), spoken(` ${one.name}`))),
    );
  }

  /** @param {Look} look */
  function lookButton(look) {
    const waits = look.waiting_since ? duration(Date.now() - Date.parse(look.waiting_since)) : "";
    return h("button", { type: "button", class: "link", "aria-haspopup": "dialog", on: { click: () => openStep(look) } },
      [look.name, waits].filter(Boolean).join(" · "));
  }

  /** @param {Look} look */
  function openStep(look) {
    looked = look;
    fill(byId("step-in-title"), look.name);
    fill(byId("step-in-error"));
    const { agents, me } = store.state;
    fill(byId("step-in-list"), ...byPresence(agents.filter(({ id }) => id !== me.id)).map((agent) => h("li", {},
      h("button", { type: "button", class: "colleague", on: { click: () => void give(agent) } },
        h("span", { class: "avatar", "aria-hidden": "true" }, initials(agent.name)), h("span", { class: "grow" }, inOneLine(agent))))));
    step.showModal();
  }

  /** @param {AgentName} agent */
  async function give(agent) {
    const outcome = looked && await actions.give(looked.id, agent.id);
    if (typeof outcome === "string") return fill(byId("step-in-error"), outcome);
    step.close();
    mention(interpolate(gettext("%(name)s has it now."), agent, true));
    void fetchNow();
  }

  byId("step-in-open").addEventListener("click", () => {
    step.close();
    if (looked) go(looked.id);
  });
  byId("step-in-take").addEventListener("click", async () => {
    const outcome = looked && await actions.give(looked.id, store.state.me.id);
    if (typeof outcome === "string") return fill(byId("step-in-error"), outcome);
    step.close();
    if (looked) go(looked.id);
  });

  /** @param {Teammate} one */
  function openChange(one) {
    chosen = one;
    fill(byId("teammate-title"), one.name);
    fill(byId("teammate-error"));
    const away = one.presence === "away";
    for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=teammate-presence]"))) {
      // Who is not here has chosen something too, which the page does not know.
      radio.checked = one.presence !== "offline" && (radio.value === "away") === away;
    }
    capacity.value = String(one.capacity);
    change.showModal();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!chosen || !form.reportValidity()) return;
    const presence = /** @type {Presence | null} */ (new FormData(form).get("teammate-presence"));
    const { id } = chosen;
    const wanted = { capacity: capacity.valueAsNumber, ...(presence ? { presence } : {}) };
    const outcome = await actions.ask((api) => api.changeTeammate(id, wanted));
    if (typeof outcome === "string") return fill(byId("teammate-error"), outcome);
    change.close();
    render(outcome);
  });
  byId("teammate-cancel").addEventListener("click", () => change.close());

  return {
    show, hide, shown,
    /** @param {ServerEvent} event */
    came(event) {
      if (!shown() || !LIVE.has(event.type)) return;
      clearTimeout(timer);
      timer = window.setTimeout(() => void fetchNow(), AFTER);
    },
    refresh: () => shown() && void fetchNow(),
  };
}

/**
 * @param {string} label
 * @param {...import("../dom.js").Child} children
 */
function cell(label, ...children) {
  return h("td", { role: "cell", "data-label": label }, ...children);
}

/**
 * @param {string} name
 * @param {import("../dom.js").Child} value
 */
function figure(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", { class: "figures" }, value));
}

/** @param {Figures} today */
function reply({ first_reply_seconds: seconds }) {
  return seconds === null ? "–" : seconds < 60 ? inWords(Math.max(1_000, seconds * 1_000)) : duration(seconds * 1_000);
}

/** @param {Figures} today */
function rating({ rating: mean, ratings }) {
  if (mean === null) return "–";
  const values = { mean: mean.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 }), count: ratings };
  return interpolate(gettext("%(mean)s of 5 (%(count)s)"), values, true);
}
