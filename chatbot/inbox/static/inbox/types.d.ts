// The shapes of docs/inbox-api.md, and of the page's own state. Ambient, so that no
// module needs a type reference that the static files storage would take for a URL.

declare function gettext(msgid: string): string;
declare function pgettext(context: string, msgid: string): string;
declare function ngettext(singular: string, plural: string, count: number): string;
declare function interpolate(format: string, values: object, named: true): string;

/** A list: the name of a view, or a query that asks for more, see asked.js. */
type View = string;
/** What a list is of: a view or a saved one, and filters as an address has them. */
interface Asked { view: string; saved: number; filters: Record<string, string> }
interface SavedView { id: number; name: string; shared: boolean; may_change: boolean; position: number; filters: Record<string, unknown> }
/** What lists can be filtered by, besides topics and colleagues. */
interface Choices { labels: Label[]; channels: (Channel & { id: number })[]; languages: string[] }
interface Label { id: number; name: string; colour: string }
/** A stretch of a snippet. */
interface Piece { text: string; found: boolean }
interface Rows { next: string | null; results: Row[]; snippets?: Record<number, Piece[]> }
type Status = "bot" | "queued" | "assigned" | "resolved";
type Priority = "normal" | "high" | "urgent";
type Presence = "online" | "away";
type Counts = Record<View, number>;

interface Me { id: number; name: string; presence: Presence; capacity: number; open: number; counts: Counts; mentions: number; staff?: boolean; supervises?: boolean }
interface Agent { id: number; name: string; presence: Presence | "offline"; open: number; capacity: number }
interface AgentName { id: number; name: string }
interface Boot { me: Me; api: string; ws: string; conversation: number | null; language: string; translates: boolean; languages: Topic[] }

interface Topic { slug: string; name: string }
interface Preview { text: string; author: string }

interface Channel { kind: string; name: string }

interface Row {
  id: number;
  contact: { name: string; email: string; vip: boolean; blocked: boolean };
  channel: Channel;
  subject: string;
  status: Status;
  priority: Priority;
  topic: Topic | null;
  language: string;
  reason: string;
  reason_text: string;
  confidence: number | null;
  preview: Preview | null;
  last_message_at: string;
  waiting_since: string | null;
  assignee: AgentName | null;
  /** Whether something did not reach its customer. */
  failed: boolean;
  /** Whether this agent has begun to write in it. */
  draft?: boolean;
  labels: Label[];
  snoozed_until: string | null;
  /** What a service level promises, and from when on a fifth of the time is left. */
  reply_due_at: string | null;
  resolve_due_at: string | null;
  reply_amber_at: string | null;
  resolve_amber_at: string | null;
  merged_into: number | null;
}
interface Label { id: number; name: string; colour: string }

type DeedName = "resolve" | "snooze" | "label" | "priority" | "topic" | "give" | "queue" | "hand_back" | "block" | "merge";
interface DeedValues { until?: string; add?: number[]; remove?: number[]; priority?: Priority; topic?: string; agent?: number; reason?: string; other?: number }
interface Failure { id: number; name: string; detail: string }
/** `id` names it for undoing; null where nothing changed. */
interface Done { id: number | null; deed: DeedName; rows: Row[]; failed: Failure[] }
/** Of a macro: `text` is what it had put into the composer, `notes` of its notes stay. */
interface Undone { deed: DeedName | "macro"; rows: Row[]; left: Failure[]; told: number; text: string; notes: number }
type SnoozeName = "later" | "tomorrow" | "next_day" | "monday" | "week";

/** What was begun to be written, as the server has it. */
interface KeptDraft { text: string; version: number; attachments: Attachment[]; updated_at: string }
/** Texts at hand, by language. */
interface Canned { id: number; shortcut: string; title: string; texts: Record<string, string>; shared: boolean; may_change: boolean }
/** `empty`: variables for which nothing is known. */
interface Filled { text: string; language: string; empty: string[] }
interface MacroStep { do: "reply" | "note" | "topic" | "priority" | "label" | "snooze" | "give" | "resolve"; [value: string]: string | number }
interface Macro { id: number; name: string; steps: MacroStep[]; shared: boolean; may_change: boolean }
/** `id` names it for undoing; null where there is nothing to take back. */
interface MacroRun { id: number | null; done: number[]; failed: { step: number; detail: string }[]; text: string; row: Row }
/** What the bot would say to the customer's message `message`. */
interface Offer { id: number; message: number; text: string; language: string; confidence: number; sources: Citation[] }
interface Citation { number: number; title: string; category: string; updated_at: string | null; url: string | null }
interface Gist { lines: string[]; by: "model" | "parts" }

/** Texts and numbers are in the agent's language already; `points` is `weight` times `value`, rounded. */
interface Factor { name: string; value: string; weight: string; points: string }
/** `score` is the sum of the factors' points. */
interface Candidate { name: string; chosen: boolean; score: string; factors: Factor[]; rejected: string }
interface Assignment {
  sentence: string;
  at: string;
  strategy: string;
  needs: string[];
  /** Whom learned routing would have chosen, where that is somebody else; a sentence or "". */
  would_have: string;
  suggested: AgentName | null;
  /** Until when the agent has to say something; null once they have. */
  answer_by: string | null;
  candidates: Candidate[];
  /** How learned routing ranked them, where something else decided, and what would have mattered to it. */
  learned: Candidate[];
  learned_strategy: string;
}
type Cause = "not_mine" | "colleague" | "language" | "busy" | "leaving" | "other";
/** `to` is a colleague; null is whoever fits best. */
interface PassOn { cause: Cause; why: string; to: number | null }

interface Contact { id: number; name: string; email: string; vip: boolean; blocked: boolean; language: string; since: string; identified: boolean; email_checked: boolean }
interface Past { id: number; channel: Channel; subject: string; status: Status; preview: Preview | string | null; last_message_at: string; name: string; merged_into: number | null }

/** A customer as one channel knows them. */
interface Identity { channel: Channel; name: string; address: string; unreachable: string }
/** Another contact with the same address. */
interface Likely { id: number; name: string; email: string; since: string; channels: Channel[]; conversations: number }
interface Merge { id: number; name: string; email: string; way: "proven" | "agent"; by: string; at: string }
interface Person { recommends: number | null; identities: Identity[]; likely: Likely[]; merges: Merge[] }
/** What the customer said of how a person helped; `score` is 1 to 5, null until they have said it. */
interface Rating { score: number | null; word: string; comment: string; asked_at: string; answered_at: string | null }
interface GoesTo { channel: Channel; address: string; files: boolean; unreachable: string; by_email: string; minutes: number }

/** What the bot collected, one by one. */
interface Field { name: string; label: string; value: string }

interface Handoff {
  question: string;
  at: string;
  draft: { title: string; text: string; confidence: number | null } | null;
  action: string;
  action_name: string;
  summary: string;
  form: Field[];
  proofs: string[];
}

interface Detail extends Row {
  contact: Contact;
  created_at: string;
  page: { url: string; title: string } | null;
  client: { browser: string; os: string } | null;
  handoff: Handoff | null;
  assignment: Assignment | null;
  goes_to: GoesTo;
  person: Person;
  rating: Rating | null;
  past: Past[];
  linked: Past[];
  merged: Past[];
  block: { by: string; at: string; reason: string } | null;
  viewers: AgentName[];
}

/** A resolved conversation that was alike; `minutes` of work where that was kept. */
interface Similar { id: number; question: string; language: string; solved_by: string; minutes: number | null; rating: number | null; resolved_at: string }
/** `is_new`: far from every topic; `others`: how many other customers asked alike. */
interface Similars { is_new: boolean; others: number; cases: Similar[] }

interface Attachment {
  id: number;
  name: string;
  content_type: string;
  size: number;
  /** Of a picture that may be shown, else 0. */
  width: number;
  height: number;
  /** Empty while it is not here. */
  url: string;
  state: "ready" | "waiting" | "failed";
  error: string;
  inline: boolean;
  place: { latitude: number; longitude: number } | null;
}

type DeliveryState = "queued" | "sent" | "delivered" | "read" | "failed";
interface Delivery { channel: Channel; state: DeliveryState; error: string }
interface Address { name: string; address: string }
interface Mail { subject: string; sender: string; to: Address[]; cc: Address[]; verified: boolean | null; checks: Record<string, string>; truncated: boolean }
/** What is fetched when somebody asks for it; `html` is a stranger's and only for a sandboxed frame. */
interface More { html: string; remote_pictures: boolean; quoted: string; signature: string; before: string[] }

interface Message {
  id: number;
  client_id: string | null;
  author: { kind: "contact" | "bot" | "agent" | "system"; name: string | null; id?: number | null };
  kind: "text" | "notice" | "note";
  text: string;
  html: string | null;
  citations: Citation[];
  quick_replies: { text: string; intent: string }[];
  attachments: Attachment[];
  language: string;
  at: string;
  confidence: number | null;
  channel: Channel;
  writer: Address | null;
  edited_at: string | null;
  deleted_at: string | null;
  why: string;
  mail: Mail | null;
  more: ("html" | "before" | "quoted" | "signature")[];
  delivery: DeliveryState | null;
  deliveries: Delivery[];
  /** In the agent's language, where they asked for it. */
  translation?: string;
  /** Where it was said, which may have been merged into the one that is read. */
  conversation: number;
}

type Viewer = AgentName & { typing: boolean };

type ServerEvent =
  | { type: "ready"; me: Me }
  | { type: "row"; row: Row }
  | { type: "message"; conversation: number; message: Message }
  | { type: "typing"; conversation: number; author: { kind: string; name: string | null } }
  | { type: "seen"; conversation: number; message: number }
  | { type: "viewers"; conversation: number; agents: Viewer[] }
  | { type: "rating"; conversation: number }
  | { type: "suggested"; conversation: number }
  | { type: "woke"; conversation: number; agent: number; name: string; why: "time" | "wrote" }
  | { type: "presence"; agents: Agent[] }
  | { type: "counts"; counts: Counts }
  | { type: "draft"; conversation: number; kind: SendKind; draft: KeptDraft | null }
  | { type: "mention"; conversation: number; message: number; by: string; unseen: number }
  | { type: "mentions"; unseen: number }
  | { type: "suggestion"; conversation: number; suggestion: Offer | null }
  | { type: "summary"; conversation: number }
  | { type: "transcript"; conversation: number }
  | { type: "saved_views"; owner: number | null }
  | { type: "stepped_in"; by: string; presence: Presence | null; capacity: number | null }
  | { type: "pong" }
  | { type: "error"; code: string; detail: string };

type ClientEvent =
  | { type: "view"; conversation: number | null; typing?: boolean }
  | { type: "ping" };

// The page's own state.

type SendKind = "reply" | "note";

/** A message of ours that the server has not confirmed. */
interface Pending { clientId: string; conversation: number; kind: SendKind; text: string; at: string; error: string | null; code?: string; attachments?: Attachment[]; mentions?: number[]; suggestion?: number; anyway?: boolean }

type Loading = "loading" | "ready" | "failed";
/** `snippets`, of a search: where a conversation was found. */
interface List { ids: number[]; next: string | null; load: Loading; error: string; snippets: Record<number, Piece[]> }
interface Thread { messages: Message[]; hasMore: boolean; load: Loading; older: Loading; error: string; seen?: number }

/** `lost`: was connected and tries again. `refused`: logged out, does not try. */
type Connection = "connecting" | "open" | "lost" | "refused";

interface State {
  me: Me;
  agents: Agent[];
  topics: Topic[];
  connection: Connection;
  view: View;
  savedViews: SavedView[];
  choices: Choices;
  rows: Record<number, Row>;
  lists: Record<View, List>;
  open: number | null;
  detail: Detail | null;
  detailError: string;
  threads: Record<number, Thread>;
  outbox: Pending[];
  viewers: Viewer[];
  customerTyping: string | null;
  atWork: number;
  busy: boolean;
  drafted: number[];
  offer: Offer | null;
  gist: Gist | null;
}

type StateEvent =
  | { type: "me"; me: Me }
  | { type: "presence"; presence: Presence }
  | { type: "counts"; counts: Counts }
  | { type: "agents"; agents: Agent[] }
  | { type: "topics"; topics: Topic[] }
  | { type: "connection"; connection: Connection }
  | { type: "view"; view: View }
  | { type: "list-loading"; view: View }
  | { type: "list-page"; view: View; page: Rows; fresh: boolean }
  | { type: "list-checked"; view: View; asked: number[]; page: Rows }
  | { type: "saved-views"; views: SavedView[] }
  | { type: "choices"; choices: Choices }
  | { type: "list-failed"; view: View; error: string }
  | { type: "row"; row: Row }
  | { type: "open"; id: number | null }
  | { type: "detail"; detail: Detail }
  | { type: "detail-failed"; id: number; error: string }
  | { type: "thread-loading"; id: number; older: boolean }
  | { type: "thread-page"; id: number; messages: Message[]; hasMore: boolean | null; instead?: number[] }
  | { type: "thread-failed"; id: number; error: string; older: boolean }
  | { type: "message"; id: number; message: Message }
  | { type: "thread-gone"; id: number }
  | { type: "seen"; id: number; message: number }
  | { type: "pending"; pending: Pending }
  | { type: "pending-failed"; clientId: string; error: string; code: string }
  | { type: "pending-gone"; clientId: string }
  | { type: "viewers"; id: number; agents: Viewer[] }
  | { type: "customer-typing"; id: number; name: string | null }
  | { type: "drafted"; ids: number[] }
  | { type: "mentions"; unseen: number }
  | { type: "offer"; id: number; offer: Offer | null }
  | { type: "gist"; id: number; gist: Gist }
  | { type: "busy"; busy: boolean };

interface Store { readonly state: State; dispatch(event: StateEvent): void; subscribe(listener: (state: State) => void): void }
