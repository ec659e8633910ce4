// Puts the inbox together: the state, the requests, the live connection and the panes.

import { createActions } from "./actions.js";
import { createApi } from "./api.js";
import { createBadge, createCalls } from "./calls.js";
import { findRows, forConversation, knownRows, toConversation } from "./commands.js";
import { byId } from "./dom.js";
import { createDrafts } from "./drafts.js";
import { createKeys } from "./keys.js";
import { createPlace } from "./place.js";
import { outbox } from "./memory.js";
import { createNews } from "./news.js";
import { createNotices } from "./notices.js";
import { connect } from "./socket.js";
import { initialState, openRow, reduce, waitingCount } from "./state.js";
import { createStore } from "./store.js";
import { refreshAges, useLanguage } from "./time.js";
import { tooltips } from "./tooltip.js";
import { followKeyboard } from "./viewport.js";
import { createBrief } from "./views/brief.js";
import { createCanned } from "./views/canned.js";
import { createCommandBar } from "./views/command-bar.js";
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
import { createSettings } from "./views/settings.js";
import { createSuggestion, suggestedFor } from "./views/suggestion.js";
import { createSimilar } from "./views/similar.js";
import { createSorting } from "./views/sorting.js";
import { createTeamPage } from "./views/team-page.js";
import { createTopbar } from "./views/topbar.js";
import { createTranscript } from "./views/transcript.js";
import { createViewsMenu } from "./views/views-menu.js";
import { createWatching } from "./watching.js";

const AGES_EVERY = 30_000;
const PATIENCE = 1_500;
const narrow = matchMedia("(max-width: 760px)");

/** @type {Boot} */
const boot = JSON.parse(byId("boot").textContent ?? "");
const home = location.pathname.replace(/(c\/\d+|team)\/$/, "");
useLanguage(boot.language);

const store = createStore(initialState(boot, outbox.get(), location.search), reduce);
const place = createPlace(home, store);
const notices = createNotices(byId("notices"));
const api = createApi(boot.api);
const actions = createActions(store, api, { say: notices.say, mention: notices.mention, news: notices.tell, clear: notices.clear, loggedOut });
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
const news = createNews(store, notices.tell, watching.resend);

const transcript = createTranscript(actions, byId("inbox").dataset.letter ?? "", (pending) => composer.edit(pending));
const drafts = createDrafts(actions.api, {
  changed: (id, kind) => composer.refresh(id, kind),
  drafted: (ids) => store.dispatch({ type: "drafted", ids }),
});
const canned = createCanned(actions, boot.languages);
const composer = createComposer(actions, watching, drafts, canned);
byId("canned-open").addEventListener("click", () => void canned.open(composer.text()));
const offer = createOffer(actions, store, composer.insert);
const doing = createDoing(store, api, actions, notices, composer.takeOut);
const macros = createMacros(actions, canned.all, composer.insert, notices.mention, doing);
byId("macro-open").addEventListener("click", () => void macros.open());
const helps = createHelps(actions, store, boot.translates, composer);
for (const view of [canned, offer, macros, helps]) store.subscribe(view.render);
const person = createPerson(actions, address);
const matter = createMatter({ ...actions, classify: doing.classify });
const similar = createSimilar(actions, address);
const viewsMenu = createViewsMenu(actions, notices.mention);
const finding = createFinding(actions, viewsMenu.save);
const sorting = createSorting(actions);
const rows = createRows(actions, address, finding.clear);
const topbar = createTopbar(actions, notices.mention);
const brief = createBrief();
const conversation = createConversation(actions);
const deadline = createDeadline(actions);
const passOn = createPassOn(actions, (row) => moved(row, "mine"));
const calls = createCalls(store, () => settings.chosen(), go);
const settings = createSettings(boot.preferences, (change) => actions.ask((api) => api.changePreferences(change)), calls.ring);
const team = boot.me.supervises ? createTeamPage(store, actions, go, notices.mention) : null;
const badge = createBadge("Svar");
const suggestion = createSuggestion(actions, (row) => moved(row, "queue"), () => composer.write("reply"));
const related = createRelated(doing, address);
const selecting = createSelecting(store);
const snooze = createSnooze(doing, selecting);
const labels = createLabels(store, doing, selecting);
const joining = createJoining(store, doing, actions);
const menus = createMenus(store, actions, doing, selecting, { snooze: snooze.open, label: labels.open, join: joining.open });

for (const view of [finding, viewsMenu, sorting, rows, selecting, menus, related, topbar, conversation, brief, transcript, composer, person, matter, similar, deadline, passOn, suggestion]) store.subscribe(view.render);
store.subscribe(renderCustomerTyping);
store.subscribe(() => place.follow());
store.subscribe((state) => {
  badge(waitingCount(state));
  byId("inbox").dataset.pane = state.open === null ? "list" : "conversation";
  outbox.set(state.outbox);
  watching.watch(state.open);
});

/** Fetches after the live connection is up, so that nothing falls between the two. */
function sync() {
  synced = true;
  actions.resync();
  offer.renew();
  void drafts.list();
  drafts.again();
  if (store.state.open !== null) void drafts.load(store.state.open);
}

/** @param {ServerEvent} event */
function received(event) {
  calls.came(event);
  team?.came(event);
  switch (event.type) {
    case "ready": return store.dispatch({ type: "me", me: event.me });
    case "row": return actions.rowCame(event.row);
    case "message": return messageCame(event.conversation, event.message);
    case "seen": return store.dispatch({ type: "seen", id: event.conversation, message: event.message });
    case "viewers": return store.dispatch({ type: "viewers", id: event.conversation, agents: event.agents });
    case "presence": return store.dispatch({ type: "agents", agents: event.agents });
    case "counts": return store.dispatch({ type: "counts", counts: event.counts });
    case "draft": return drafts.came(event.conversation, event.kind, event.draft);
    case "mention": return news.mentioned(event);
    case "mentions": return store.dispatch({ type: "mentions", unseen: event.unseen });
    case "suggestion": return offer.came(event);
    case "suggested": return detailChanged(event.conversation);
    case "summary": return helps.load(event.conversation);
    case "rating": return detailChanged(event.conversation);
    case "woke": return news.woke(event.agent, event.name, event.why);
    case "typing": return news.customerTypes(event.conversation, event.author.name ?? "");
    case "transcript": return transcriptChanged(event.conversation);
    case "stepped_in": return news.steppedIn(event);
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

/** @param {number} id */
function detailChanged(id) {
  if (id === store.state.open) void actions.loadDetail(id);
}

/** @param {number} id */
function transcriptChanged(id) {
  detailChanged(id);
  actions.renewThread(id);
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
  if (id === store.state.open && !team?.shown()) return;
  history.pushState(null, "", place.address(id));
  team?.hide();
  actions.open(id);
  person.close();
}

function goToTeam() {
  if (!team || team.shown()) return;
  history.pushState(null, "", `${home}team/`);
  actions.open(null);
  team.show();
}

window.addEventListener("popstate", () => {
  if (/team\/$/.test(location.pathname)) team?.show();
  else team?.hide();
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
const isOpen = () => store.state.open !== null;
/** @param {(row: Row) => boolean} allowed */
const can = (allowed) => () => {
  const row = openRow(store.state);
  return row !== null && allowed(row);
};
/** @param {View} view */
const list = (view) => () => atList(() => actions.showView(view));

/**
 * Where the list is not beside the conversation, or behind the team, it comes first.
 * @param {() => void} next what is done there
 */
function atList(next) {
  if (team?.shown() || byId("rows-scroll").offsetParent === null) go(null);
  queueMicrotask(next); // once it is drawn
}

const keys = createKeys([
  { key: "J", label: gettext("Next conversation"), group: "views", run: () => rows.walk(store.state, 1, go) },
  { key: "K", label: gettext("Previous conversation"), group: "views", run: () => rows.walk(store.state, -1, go) },
  { key: "T", label: gettext("Take, take over or reopen"), when: can(actions.takeable), run: deed("take", actions.takeable) },
  { key: "R", label: gettext("Write a reply"), when: isOpen, run: write("reply") },
  { key: "N", label: gettext("Write a note"), when: isOpen, run: write("note") },
  { key: "E", label: gettext("Resolve"), when: () => selecting.many() || can(actions.resolvable)(), run: resolve },
  { key: "B", label: gettext("Hand back to the bot"), when: can(actions.returnable), run: deed("hand-back", actions.returnable) },
  { key: "D", label: gettext("Decline or pass on"), when: () => !byId("pass-on").hidden && isOpen(), run: passOn.open },
  { key: "G", label: gettext("Give as suggested"), when: () => suggestedFor(store.state) !== null, run: suggestion.giveAsSuggested },
  { key: "A", label: gettext("Use what Svar suggests"), when: () => store.state.offer !== null, run: offer.accept },
  { key: "V", label: gettext("Macros"), when: isOpen, run: () => void macros.open() },
  ...(boot.translates ? [{ key: "Y", label: gettext("Translate, or show as it was"), when: isOpen, run: helps.translate }] : []),
  { key: "S", label: gettext("Snooze"), run: snooze.open },
  { key: "L", label: gettext("Labels"), run: labels.open },
  { key: "X", label: gettext("Select, for several at once"), run: selecting.toggle },
  { key: "Shift+X", label: gettext("Select all that are shown"), run: selecting.all },
  { key: "M", label: gettext("Merge or link"), when: isOpen, run: () => void joining.open() },
  { key: "Z", label: gettext("Undo the last step"), run: () => void doing.undo() },
  { key: ".", label: gettext("More steps"), run: menus.show },
  { key: "1", label: gettext("Queue"), group: "views", run: list("queue") },
  { key: "2", label: gettext("Mine"), group: "views", run: list("mine") },
  { key: "3", label: gettext("All"), group: "views", run: list("all") },
  { key: "4", label: gettext("Not delivered"), group: "views", when: () => !byId("view-failed").hidden, run: list("failed") },
  { key: "5", label: gettext("Mentions"), group: "views", run: list("mentions") },
  { key: "6", label: gettext("Snoozed"), group: "views", run: list("snoozed") },
  { key: "/", label: gettext("Search"), group: "views", run: () => atList(finding.focus) },
  { key: "F", label: gettext("Filters"), group: "views", run: () => atList(finding.open) },
  { key: "Shift+S", label: gettext("Sort the list"), group: "views", when: () => !byId("sorting").hidden, run: () => atList(sorting.focus) },
  { key: "P", label: gettext("Show or hide the person"), when: isOpen, run: person.toggle },
  { key: "C", label: gettext("Change topic or priority"), when: isOpen, run: reclassify },
  { key: "O", label: gettext("Online or away"), group: "me", run: () => topbar.togglePresence(store.state) },
  ...(team ? [{ key: "U", label: gettext("Team"), group: /** @type {const} */ ("views"), run: goToTeam }] : []),
  { key: ",", label: gettext("Settings"), group: "me", run: () => settings.open() },
  { id: "theme:system", label: gettext("Theme as the computer"), group: "me", run: () => settings.setTheme("system") },
  { id: "theme:light", label: gettext("Light theme"), group: "me", run: () => settings.setTheme("light") },
  { id: "theme:dark", label: gettext("Dark theme"), group: "me", run: () => settings.setTheme("dark") },
  { key: "K", chord: true, label: gettext("Do anything, go anywhere"), group: "help", run: () => bar.open() },
  { key: "?", label: gettext("Show these keys"), group: "help", run: () => keys.show() },
], () => document.activeElement instanceof HTMLElement && document.activeElement.blur());
keys.offer(sorting.commands);
keys.offer(() => forConversation(store, actions, (row) => moved(row, "mine")));
/** @param {Row} row */
const asCommand = (row) => toConversation(row, boot.me.id, go);
const bar = createCommandBar(
  keys.now,
  (query) => knownRows(store.state, query).map(asCommand),
  async (query) => (await findRows(actions, query)).map(asCommand),
);
if (team) byId("team-page-link").addEventListener("click", (event) => {
  event.preventDefault();
  byId("account").hidePopover();
  goToTeam();
});
if (team?.shown()) team.show();

tooltips();
followKeyboard();
window.setInterval(() => {
  refreshAges();
  refreshClocks();
  actions.checkDeliveries();
  team?.refresh();
  // Where a proxy lets no WebSocket through, the inbox still moves.
  if (store.state.connection === "lost") sync();
}, AGES_EVERY);
document.addEventListener("visibilitychange", () => document.hidden || refreshAges());
window.setTimeout(() => synced || sync(), PATIENCE);
