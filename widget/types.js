/**
 * The protocol's and the state's shapes (docs/protocol.md), known to every module: this is no module itself. Only the
 * type checker reads it; it is not served.
 *
 * @typedef {"message" | "human"} Intent
 * @typedef {{kind: "contact" | "bot" | "agent" | "system", name: string | null}} Author
 * @typedef {{number: number, title: string, category: string, updated_at: string, url: string | null}} Citation
 * @typedef {{text: string, intent: Intent}} QuickReply
 * @typedef {{id: number, client_id: string | null, author: Author, kind: "text" | "notice", text: string,
 *   html: string | null, citations: Citation[], quick_replies: QuickReply[], attachments?: Attachment[],
 *   asks?: Question | null, language: string, at: string}} Message
 * @typedef {{kind: "rating" | "recommendation", words: string[], score: number | null, comment: string, open: boolean}} Question
 *   how it was: 1 to 5, or 0 to 10; `words` say what the numbers mean, or those at the ends; `open`: can be answered or changed
 * @typedef {{id: number, name: string, content_type: string, size: number, width: number, height: number, url: string}} Attachment
 * @typedef {{status: "bot" | "queued" | "assigned" | "resolved",
 *   agent: {name: string, reply_minutes: number | null} | null,
 *   position: number | null, wait_minutes: number | null, asks_email: boolean}} Conversation
 * @typedef {{key: string, name: string, bot_name: string, accent: string, language: string, suggestions: string[],
 *   human: {available: boolean, reply_minutes: number | null, opens_at: string | null}}} Site
 * @typedef {string | number} Visitor
 *
 * @typedef {{token: string, visitor: Visitor, renewAt: number, named?: boolean}} Token
 *   as kept in storage; `renewAt` in ms; `named`: the website has said who this is
 * @typedef {string | {hash: string, email?: string, user_id?: string}} Claim
 *   the website's word about who is logged in: a JWT, the older form, or "" for nobody
 * @typedef {{client_id: string, text: string, intent: Intent, attachments?: Attachment[], at: number, error?: string}} Pending
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
 *   JSON values under a prefix, in memory where storage is blocked or full; `get` gives null for what is absent, `set` with null removes; `all`: the values whose
 *   names begin so
 * @typedef {(kind: "localStorage" | "sessionStorage", prefix: string) => Store} OpenStore
 *
 * @typedef {{items: () => Pending[], next: () => Pending | undefined,
 *   add: (text: string, intent: Intent, attachments?: Attachment[]) => void,
 *   settle: (ids: (string | null)[]) => void, fail: (id: string, code: string) => void, retry: (id: string) => void}} Outbox
 *   messages not yet acknowledged, one storage entry each: two tabs writing at once cannot undo each other; `items` in
 *   the order typed; `next` to send now, as refused ones wait for the visitor; `settle` takes out what the
 *   server has; `retry` puts it at the end of the line under the same client id
 * @typedef {(store: Store) => Outbox} OpenOutbox
 * @typedef {(item: Pending) => void} Put
 * @typedef {(id: string, change: Partial<Pending>) => void} Change
 *
 * @typedef {{
 *   socketUrl: string, known: () => Token | null, obtain: () => Promise<Token>, refuse: (token: string) => void,
 *   site: (language: string) => Promise<Site>,
 *   call: (method: "GET" | "POST" | "DELETE", path: string, body?: object) => Promise<any>}} Session
 *   the visitor's token, and the HTTP half of the protocol. `known`: the stored token; `obtain` renews it when half of
 *   its life is over, and when the website says something new about who is logged in; it asks once,
 *   though many wait for it, as every answer without a token would be a new visitor. After `refuse` the next one is a
 *   new visitor's; `call` throws such a failure, also for an answer that has become another person's
 * @typedef {(method: string, path: string, body?: object, token?: string) => Promise<any>} Ask
 * @typedef {(status: number, error?: {code?: string, retry_after?: number}) => Error & {
 *   status: number, code: string, retry_after?: number, permanent: boolean}} CreateFailure
 *   `status` 0: no answer; `permanent`: asking again cannot help
 * @typedef {(base: string, key: string, store: Store, claim: () => Claim | undefined, leave: () => void) => Session} OpenSession
 *   `base` ends with a slash; `claim`: undefined where the website says nothing; `leave` is called when the browser has
 *   become another person's, whose what was not sent before is not to send
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
 *   the line to the server: the socket, or HTTP where no socket gets through. Messages leave one at a time, the next
 *   when the one before is acknowledged, so their order holds through refusals and reconnects. `after`: the last known
 *   message id
 * @typedef {(n: number) => number} Backoff
 *   seconds before attempt n, from 0: 0.5 to 30, spread so that clients don't return all at once
 * @typedef {Record<string, ReturnType<typeof setTimeout>>} Timers
 * @typedef {(name: string, seconds: number, action: () => void) => void} Later
 * @typedef {(code: number, token: string) => void} Drop
 *   of a socket; `code` 0 is silence
 * @typedef {(ids: (string | null)[]) => void} Land
 * @typedef {(error: {client_id: string, code: string, retry_after?: number}) => void} Refused
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
 *   toggle: () => void, close: () => void, send: (text: string, intent: Intent, attachments?: Attachment[]) => void,
 *   typed: (draft: string) => void, retry: (id: string) => void, edit: (pending: Pending) => void,
 *   contact: (email: string) => Promise<EmailOutcome>, attach: (files?: File[]) => Promise<void>,
 *   take: (ready: () => void) => Attachment[] | null,
 *   ask: (line: HTMLElement, message: Message) => Promise<void>,
 *   show: (place: HTMLElement, attachments: Attachment[]) => Promise<void>}} Actions
 *   what the visitor can do in the view, and what it needs for pictures, as in Pictures
 * @typedef {{
 *   add: (sources?: (File | Attachment)[]) => void, take: (ready?: () => void) => Attachment[] | null,
 *   show: (place: HTMLElement, attachments: Attachment[]) => void}} Pictures
 *   `add` to the next message, from a file dialogue where there are none; `take` those that are uploaded, or null while
 *   one is on its way, after which it calls `ready`; without `ready`, throw all away; `show` those of a message
 * @typedef {(options: {root: ShadowRoot, base: string, session: Session, speech: Speech, input: HTMLElement}) => Pictures} CreatePictures
 * @typedef {(line: HTMLElement, message: Message, chat: {root: ShadowRoot, speech: Speech, session: Session,
 *   emit: (event: ChatEvent) => void}) => void} ShowQuestion
 *   shows the question of a message under it, or its answer
 * @typedef {{element: HTMLElement, canvas: HTMLCanvasElement, bar: HTMLProgressElement, remover: HTMLElement, file: File,
 *   busy: boolean, part?: Attachment, request?: XMLHttpRequest}} Item
 *   a picture of the next message; `part`: as it was uploaded
 * @typedef {{
 *   root: HTMLElement, launcher: HTMLElement, panel: HTMLElement, input: HTMLTextAreaElement,
 *   fill: (text: string) => void, render: (state: State, accent: string) => void}} View
 *   `fill`: with a draft for the visitor to go on with
 * @typedef {(speech: Speech, actions: Actions) => View} CreateView
 * @typedef {(speech: Speech, actions: Actions) => {element: HTMLElement, render: (state: State) => void}} CreateLog
 * @typedef {(event: any) => void} Take
 *   of files that were pasted or dropped; pictures that come with a text, as from a spreadsheet, show that text
 * @typedef {Map<string, {line: HTMLElement, shown: string}>} Lines
 * @typedef {(row: Row, link: Link) => HTMLElement} LineOf
 * @typedef {(message: Message) => HTMLElement} CreateMessage
 * @typedef {(pending: Pending, link: Link) => (string | Node)[]} Progress
 * @typedef {(citations: Citation[], text: string) => Node[]} Sources
 * @typedef {(target: EventTarget | null, types: string, listener: (event: any) => void) => void} On
 * @typedef {(name: string, before: string | null, value: string | null) => void} Changed
 *   an attribute
 *
 * @typedef {Record<string, string | boolean | null | ((event: any) => void)>} Properties
 *   of an element: attributes and listeners
 * @typedef {(element: Element, properties: Properties) => void} SetProperties
 * @typedef {<K extends keyof HTMLElementTagNameMap>(tag: K, name: string, properties?: Properties,
 *   ...children: (Node | string)[]) => HTMLElementTagNameMap[K]} Create
 *   `name` is the class and the part
 * @typedef {(element: HTMLElement, text: string) => void} Write
 *   only what changed, or a live region would be read out again
 * @typedef {(parent: Element, nodes: Node[]) => void} Place
 *   leaves the children that stay untouched, for focus and screen readers
 * @typedef {(name: string, content: string | Node, properties: Properties) => HTMLButtonElement} Button
 * @typedef {(href: string, text: string) => HTMLElement | Text} MakeAnchor
 *   a link where the scheme is harmless, else the text
 * @typedef {(html: string, text: string) => DocumentFragment} Rich
 *   the server's HTML, rebuilt from what is allowed; the text where Trusted Types forbid parsing
 * @typedef {(from: Node, to: Node) => void} Copy
 * @typedef {(state: State, event: ChatEvent) => State} Reduce
 */
