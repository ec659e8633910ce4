// Puts the inbox together: the state, the requests, the live connection and the panes.

import { createActions } from "./actions.js";
import { createApi } from "./api.js";
import { byId } from "./dom.js";
import { createDrafts } from "./drafts.js";
import { createKeys } from "./keys.js";
import { createPlace } from "./place.js";
import { outbox } from "./memory.js";
import { createNotices } from "./notices.js";
import { connect } from "./socket.js";
import { initialState, openRow, reduce, waitingCount } from "./state.js";
import { createStore } from "./store.js";
import { refreshAges, useLanguage } from "./time.js";
import { tooltips } from "./tooltip.js";
import { createBrief } from "./views/brief.js";
import { createCanned } from "./views/canned.js";
import { createComposer } from "./views/composer.js";
import { createConversation, renderCustomerTyping } from "./views/conversation.js";
import { refreshClocks } from "./views/chips.js";
import { createDeadline } from "./views/deadline.js";
import { createHelps } from "./views/helps.js";
import { createMacros } from "./views/macros.js";
import { createFinding } from "./views/finding.js";
import { createDoing } from "./views/deeds/doing.js";
import { createJoining } from "./views/deeds/joining.js";
import { createLabels } from "./views/deeds/labels.js";
import { createMenus } from "./views/deeds/menus.js";
import { createRelated } from "./views/deeds/related.js";
import { createSelecting } from "./views/deeds/selecting.js";
import { createSnooze } from "./views/deeds/snooze.js";
import { createMatter } from "./views/matter.js";
import { createOffer } from "./views/offer.js";
import { createPassOn } from "./views/pass-on.js";
import { createPerson } from "./views/person.js";
import { createRows } from "./views/rows.js";
import { createSuggestion } from "./views/suggestion.js";
import { createSimilar } from "./views/similar.js";
import { createTopbar } from "./views/topbar.js";
import { createTranscript } from "./views/transcript.js";
import { createViewsMenu } from "./views/views-menu.js";
import { createWatching } from "./watching.js";

const TYPING_FOR = 6_000;
const AGES_EVERY = 30_000;
const PATIENCE = 1_500;
const narrow = matchMedia("(max-width: 760px)");

/** @type {Boot} */
const boot = JSON.parse(byId("boot").textContent ?? "");
const home = location.pathname.replace(/c\/\d+\/$/, "");
useLanguage(boot.language);

const store = createStore(initialState(boot, outbox.get(), location.search), reduce);
const place = createPlace(home, store);
const notices = createNotices(byId("notices"));
const api = createApi(boot.api);
const actions = createActions(store, api, { say: notices.say, mention: notices.mention, clear: notices.clear, loggedOut });
let typingEnds = 0;
let synced = false;

const socket = connect(boot.ws, {
  event: received,
  state(connection) {
    store.dispatch({ type: "connection", connection });
    if (connection === "refused") loggedOut();
    if (connection === "open") {
      watching.resend();
      sync();
    }
  },
  unreachable() {
    if (synced) actions.checkSession();
    else sync();
  },
});
const watching = createWatching(socket.send);

const transcript = createTranscript(actions, byId("inbox").dataset.letter ?? "", (pending) => composer.edit(pending));
const drafts = createDrafts(actions.api, {
  changed: (id, kind) => composer.refresh(id, kind),
  drafted: (ids) => store.dispatch({ type: "drafted", ids }),
});
const canned = createCanned(actions, boot.languages);
const composer = createComposer(actions, watching, drafts, canned);
byId("canned-open").addEventListener("click", () => void canned.open(composer.text()));
const offer = createOffer(actions, store, composer.insert);
const macros = createMacros(actions, canned.all, composer.insert, notices.mention);
byId("macro-open").addEventListener("click", () => void macros.open());
const helps = createHelps(actions, store, boot.translates, composer);
for (const view of [canned, offer, macros, helps]) store.subscribe(view.render);
const person = createPerson(actions, address);
const doing = createDoing(store, api, actions, notices);
const matter = createMatter({ ...actions, classify: doing.classify });
const similar = createSimilar(actions, address);
const viewsMenu = createViewsMenu(actions, notices.mention);
const finding = createFinding(actions, viewsMenu.save);
const rows = createRows(actions, address, finding.clear);
const topbar = createTopbar(actions, notices.mention);
const brief = createBrief();
const conversation = createConversation(actions);
const deadline = createDeadline(actions);
const passOn = createPassOn(actions, (row) => moved(row, "mine"));
const suggestion = createSuggestion(actions, (row) => moved(row, "queue"), () => composer.write("reply"));
const related = createRelated(doing, address);
const selecting = createSelecting(store);
const snooze = createSnooze(doing, selecting);
const labels = createLabels(store, doing, selecting);
const joining = createJoining(store, doing);
const menus = createMenus(store, actions, doing, selecting, { snooze: snooze.open, label: labels.open, join: joining.open });

for (const view of [finding, viewsMenu, rows, selecting, menus, related, topbar, conversation, brief, transcript, composer, person, matter, similar, deadline, passOn, suggestion]) store.subscribe(view.render);
store.subscribe(renderCustomerTyping);
store.subscribe(() => place.follow());
store.subscribe((state) => {
  const count = waitingCount(state);
  document.title = count ? `(${count}) Svar` : "Svar";
  byId("inbox").dataset.pane = state.open === null ? "list" : "conversation";
  outbox.set(state.outbox);
  watching.watch(state.open);
});

/** Fetches after the live connection is up, so that nothing falls between the two. */
function sync() {
  synced = true;
  actions.resync();
  void drafts.list();
  if (store.state.open !== null) void drafts.load(store.state.open);
}

/** @param {ServerEvent} event */
function received(event) {
  switch (event.type) {
    case "ready": return store.dispatch({ type: "me", me: event.me });
    case "row": return actions.rowCame(event.row);
    case "message": return messageCame(event.conversation, event.message);
    case "seen": return store.dispatch({ type: "seen", id: event.conversation, message: event.message });
    case "viewers": return store.dispatch({ type: "viewers", id: event.conversation, agents: event.agents });
    case "presence": return store.dispatch({ type: "agents", agents: event.agents });
    case "counts": return store.dispatch({ type: "counts", counts: event.counts });
    case "draft": return drafts.came(event.conversation, event.kind, event.draft);
    case "mention": return mentioned(event);
    case "mentions": return store.dispatch({ type: "mentions", unseen: event.unseen });
    case "suggestion": return offer.came(event);
    case "suggested": return detailChanged(event.conversation);
    case "summary": return helps.load(event.conversation);
    case "rating": return detailChanged(event.conversation);
    case "woke": return woke(event.agent, event.name, event.why);
    case "typing": return customerTypes(event.conversation, event.author.name ?? "");
    case "error": return notices.say(event.detail);
    case "saved_views": return actions.loadSavedViews();
    case "pong": return undefined;
  }
}

/**
 * @param {number} id
 * @param {Message} message
 */
function messageCame(id, message) {
  store.dispatch({ type: "message", id, message });
  // The customer may have gone to another page meanwhile.
  if (message.author.kind === "contact" && id === store.state.open) void actions.loadDetail(id);
}

/** @param {{conversation: number, by: string, unseen: number}} event */
function mentioned({ conversation, by, unseen }) {
  store.dispatch({ type: "mentions", unseen });
  if (conversation !== store.state.open) notices.mention(interpolate(gettext("%(by)s named you in a note."), { by }, true));
  else watching.resend(); // it is seen
}

/**
 * @param {number} agent
 * @param {string} name
 * @param {"time" | "wrote"} why
 */
function woke(agent, name, why) {
  if (agent !== store.state.me.id) return;
  const text = why === "wrote" ? gettext("%(name)s has written: no longer snoozed.") : gettext("%(name)s is back: you snoozed it until now.");
  notices.mention(interpolate(text, { name }, true));
}

/** @param {number} id */
function detailChanged(id) {
  if (id === store.state.open) void actions.loadDetail(id);
}

/**
 * @param {number} id
 * @param {string} name
 */
function customerTypes(id, name) {
  clearTimeout(typingEnds);
  store.dispatch({ type: "customer-typing", id, name });
  typingEnds = window.setTimeout(() => store.dispatch({ type: "customer-typing", id, name: null }), TYPING_FOR);
}

function loggedOut() {
  socket.stop();
  const next = encodeURIComponent(location.pathname + location.search);
  const login = byId("inbox").dataset.login ?? "";
  notices.sayLast(gettext("You are logged out. What you have written is kept in this tab."), gettext("Log in"), `${login}?next=${next}`);
}

/** @param {number} id */
function address(id) {
  return place.address(id);
}

/** @param {number | null} id */
function go(id) {
  if (id === store.state.open) return;
  history.pushState(null, "", place.address(id));
  actions.open(id);
  person.close();
}

window.addEventListener("popstate", () => {
  const { id, view } = place.read();
  actions.showView(view);
  actions.open(id);
});

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[data-id]") : null;
  if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(Number(link.dataset.id));
  if (narrow.matches) byId("contact-name").focus();
});

byId("back").addEventListener("click", () => go(null));
byId("home").addEventListener("click", (event) => {
  event.preventDefault();
  go(null);
});

/**
 * Says who has the open conversation now, and goes on: to the next, where the agent works through a view.
 * @param {Row} row
 * @param {View} from the view in which it was
 */
function moved(row, from) {
  const { view, lists, open } = store.state;
  if (open === row.id) {
    if (view === from && lists[view].ids.length && !narrow.matches) {
      rows.walk(store.state, 1, go);
    } else {
      go(null);
      queueMicrotask(rows.focusView); // which a phone shows only then
    }
  }
  notices.mention(row.assignee
    ? interpolate(gettext("%(name)s has it now."), row.assignee, true)
    : gettext("It waits for somebody now."));
}

/**
 * @param {"take" | "hand-back"} deed
 * @param {(row: Row) => boolean} allowed
 */
function deed(deed, allowed) {
  const run = () => {
    const row = openRow(store.state);
    if (row && allowed(row)) void actions.act(deed);
  };
  byId(deed).addEventListener("click", run);
  return run;
}

/** Resolves the selected ones, or else the open one, by a step that can be undone. */
function resolve() {
  const row = openRow(store.state);
  if (selecting.many() || (row && actions.resolvable(row))) void menus.all("resolve");
}
byId("resolve").addEventListener("click", () => {
  if (store.state.open !== null) void doing.run("resolve", [store.state.open]);
});

function reclassify() {
  if (openRow(store.state) === null) return;
  person.unfold();
  matter.focus();
}

/** @param {SendKind} kind */
const write = (kind) => () => store.state.open !== null && composer.write(kind);

const keys = createKeys([
  { key: "J", label: gettext("Next conversation"), run: () => rows.walk(store.state, 1, go) },
  { key: "K", label: gettext("Previous conversation"), run: () => rows.walk(store.state, -1, go) },
  { key: "T", label: gettext("Take, take over or reopen"), run: deed("take", actions.takeable) },
  { key: "R", label: gettext("Write a reply"), run: write("reply") },
  { key: "N", label: gettext("Write a note"), run: write("note") },
  { key: "E", label: gettext("Resolve"), run: resolve },
  { key: "B", label: gettext("Hand back to the bot"), run: deed("hand-back", actions.returnable) },
  { key: "D", label: gettext("Decline or pass on"), run: passOn.open },
  { key: "G", label: gettext("Give as suggested"), run: suggestion.giveAsSuggested },
  { key: "A", label: gettext("Use what Svar suggests"), run: offer.accept },
  { key: "V", label: gettext("Macros"), run: () => void macros.open() },
  ...(boot.translates ? [{ key: "Y", label: gettext("Translate, or show as it was"), run: helps.translate }] : []),
  { key: "S", label: gettext("Snooze"), run: snooze.open },
  { key: "L", label: gettext("Labels"), run: labels.open },
  { key: "X", label: gettext("Select, for several at once"), run: selecting.toggle },
  { key: "Shift+X", label: gettext("Select all that are shown"), run: selecting.all },
  { key: "M", label: gettext("Merge or link"), run: joining.open },
  { key: "Z", label: gettext("Undo the last step"), run: () => void doing.undo() },
  { key: ".", label: gettext("More steps"), run: menus.show },
  { key: "1", label: gettext("Queue"), run: () => actions.showView("queue") },
  { key: "2", label: gettext("Mine"), run: () => actions.showView("mine") },
  { key: "3", label: gettext("All"), run: () => actions.showView("all") },
  { key: "4", label: gettext("Not delivered"), run: () => actions.showView("failed") },
  { key: "5", label: gettext("Mentions"), run: () => actions.showView("mentions") },
  { key: "6", label: gettext("Snoozed"), run: () => actions.showView("snoozed") },
  { key: "/", label: gettext("Search"), run: finding.focus },
  { key: "F", label: gettext("Filters"), run: finding.open },
  { key: "P", label: gettext("Show or hide the person"), run: person.toggle },
  { key: "C", label: gettext("Change topic or priority"), run: reclassify },
  { key: "O", label: gettext("Online or away"), run: () => topbar.togglePresence(store.state) },
  { key: "?", label: gettext("Show these keys"), run: () => keys.show() },
], () => document.activeElement instanceof HTMLElement && document.activeElement.blur());

tooltips();
window.setInterval(() => {
  refreshAges();
  refreshClocks();
  actions.checkDeliveries();
  // Where a proxy lets no WebSocket through, the inbox still moves.
  if (store.state.connection === "lost") sync();
}, AGES_EVERY);
document.addEventListener("visibilitychange", () => document.hidden || refreshAges());
window.setTimeout(() => synced || sync(), PATIENCE);
