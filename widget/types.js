/**
 * The protocol's and the state's shapes (docs/protocol.md), known to every module: this is no module itself. Only the
 * type checker reads it; it is not served.
 *
 * @typedef {"message" | "human"} Intent
 * @typedef {{kind: "contact" | "bot" | "agent" | "system", name: string | null}} Author
 * @typedef {{number: number, title: string, category: string, updated_at: string, url: string | null}} Citation
 * @typedef {{text: string, intent: Intent}} QuickReply
 * @typedef {{id: number, client_id: string | null, author: Author, kind: "text" | "notice", text: string,
 *   html: string | null, citations: Citation[], quick_replies: QuickReply[], language: string, at: string}} Message
 * @typedef {{status: "bot" | "queued" | "assigned" | "resolved",
 *   agent: {name: string, reply_minutes: number | null} | null,
 *   position: number | null, wait_minutes: number | null, asks_email: boolean}} Conversation
 * @typedef {{key: string, name: string, bot_name: string, accent: string, language: string, suggestions: string[],
 *   human: {available: boolean, reply_minutes: number | null, opens_at: string | null}}} Site
 * @typedef {string | number} Visitor
 *
 * @typedef {{token: string, visitor: Visitor, renewAt: number}} Token
 *   as kept in storage; `renewAt` in ms
 * @typedef {{client_id: string, text: string, intent: Intent, at: number, error?: string}} Pending
 *   a message not yet acknowledged; `at` in ms; `error` is the code with which the server refused it
 * @typedef {"idle" | "connecting" | "online" | "offline" | "refused"} Link
 *   `offline` from the first failure until history is complete again; `refused` is final
 * @typedef {"saved" | "wrong" | "failed"} EmailOutcome
 *
 * @typedef {{
 *   visitor: Visitor | null, site: Site | null, conversation: Conversation | null,
 *   messages: Message[], outbox: Pending[], typing: Author | null, draft: string,
 *   open: boolean, visible: boolean, seen: number, synced: boolean, link: Link}} State
 *   `draft`: what `typing` has written so far; `messages` by growing id; `outbox` in the order typed; `visible`: the browser shows the page;
 *   `seen`: id of the newest message seen; `synced`: history has been complete once
 *
 * @typedef {{type: "site", site: Site}
 *   | {type: "visitor", visitor: Visitor}
 *   | {type: "ready", visitor: Visitor, conversation: Conversation | null}
 *   | {type: "history", messages: Message[], conversation: Conversation | null, has_more: boolean}
 *   | {type: "ack", client_id: string, message: Message}
 *   | {type: "message", message: Message}
 *   | {type: "typing", author: Author | null}
 *   | {type: "draft", author: Author, text: string}
 *   | {type: "conversation", conversation: Conversation | null}
 *   | {type: "outbox", items: Pending[]}
 *   | {type: "open", open: boolean}
 *   | {type: "visible", visible: boolean}
 *   | {type: "seen", id: number}
 *   | {type: "link", link: Link}} ChatEvent
 *   what the server sends, unchanged, and what happens here
 *
 * @typedef {{key: string, day?: string, message?: Message, pending?: Pending, first: boolean, last: boolean}} Row
 *   one line of the flow: a day's heading (ISO time), or a message; `first` and `last` of those that the same
 *   author wrote in the same minute
 *
 * @typedef {{get: (name: string) => any, set: (name: string, value: unknown) => void, all: (start: string) => any[]}} Store
 *   JSON values under a prefix; `get` gives null for what is absent, `set` with null removes; `all`: the values whose
 *   names begin so
 * @typedef {(kind: "localStorage" | "sessionStorage", prefix: string) => Store} OpenStore
 *
 * @typedef {{items: () => Pending[], next: () => Pending | undefined, add: (text: string, intent: Intent) => void,
 *   settle: (ids: (string | null)[]) => void, fail: (id: string, code: string) => void, retry: (id: string) => void}} Outbox
 *   `items` in the order typed; `next` to send now, as refused ones wait for the visitor; `settle` takes out what the
 *   server has; `retry` puts it at the end of the line under the same client id
 * @typedef {(store: Store) => Outbox} OpenOutbox
 *
 * @typedef {{
 *   socketUrl: string, known: () => Token | null, obtain: () => Promise<Token>, refuse: (token: string) => void,
 *   site: (language: string) => Promise<Site>,
 *   call: (method: "GET" | "POST", path: string, body?: object) => Promise<any>}} Session
 *   `known`: the stored token; `obtain` renews it when half of its life is over; after `refuse` the next one is a new
 *   visitor's; `call` throws such a failure
 * @typedef {(status: number, error?: {code?: string, retry_after?: number}) => Error & {
 *   status: number, code: string, retry_after?: number, permanent: boolean}} CreateFailure
 * @typedef {(base: string, key: string, store: Store) => Session} OpenSession
 *   `base` ends with a slash
 *
 * @typedef {{
 *   start: () => void, stop: () => void, wake: () => void, changeVisitor: () => void, flush: (seconds?: number) => void,
 *   seen: (id: number) => void, typing: () => void, contact: (email: string) => Promise<EmailOutcome>}} Connection
 *   `wake`: the network changed or somebody looks, so find out at once whether the line holds; `changeVisitor`: another
 *   tab has another visitor; `flush` shows the outbox and sends what is next, or after `seconds` when another tab
 *   wrote it and should send it
 * @typedef {(options: {
 *   session: Session, outbox: Outbox, emit: (event: ChatEvent) => void, after: () => number,
 *   context: () => {language: string, page: {url: string, title: string}}}) => Connection} OpenConnection
 *   `after`: the last known message id
 *
 * @typedef {{
 *   language: string, say: (name: keyof typeof import("./v1/messages.js").texts, values?: Record<string, any>) => string,
 *   number: (value: number, options?: Intl.NumberFormatOptions) => string, duration: (minutes: number) => string,
 *   time: (iso: string) => string, date: (iso: string) => string, moment: (iso: string) => string,
 *   day: (iso: string) => string}} Speech
 * @typedef {(tag: string, preferred: readonly string[]) => Speech} Speak
 *   `tag`: the page's language; `preferred`: the visitor's, best first, which tell en-GB from en-US
 *
 * @typedef {{
 *   toggle: () => void, close: () => void, send: (text: string, intent: Intent) => void, typed: (draft: string) => void,
 *   retry: (id: string) => void, edit: (pending: Pending) => void, contact: (email: string) => Promise<EmailOutcome>}} Actions
 *   what the visitor can do in the view
 * @typedef {{
 *   root: HTMLElement, launcher: HTMLElement, panel: HTMLElement, input: HTMLTextAreaElement,
 *   fill: (text: string) => void, render: (state: State, accent: string) => void}} View
 *   `fill`: with a draft for the visitor to go on with
 * @typedef {(speech: Speech, actions: Actions) => View} CreateView
 * @typedef {(speech: Speech, actions: Actions) => {element: HTMLElement, render: (state: State) => void}} CreateLog
 *
 * @typedef {Record<string, string | boolean | null | ((event: any) => void)>} Properties
 *   of an element: attributes and listeners
 * @typedef {(element: Element, properties: Properties) => void} SetProperties
 * @typedef {(element: HTMLElement, text: string) => void} Write
 * @typedef {(parent: Element, nodes: Node[]) => void} Place
 * @typedef {(name: string, content: string | Node, properties: Properties) => HTMLButtonElement} Button
 * @typedef {(href: string, text: string) => HTMLElement | Text} MakeAnchor
 * @typedef {(html: string, text: string) => DocumentFragment} Rich
 * @typedef {(from: Node, to: Node) => void} Copy
 * @typedef {(state: State, event: ChatEvent) => State} Reduce
 */
