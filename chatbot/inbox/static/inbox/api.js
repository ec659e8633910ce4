// Calls to the inbox's API. Every failure is an ApiError whose message can be shown.

export class ApiError extends Error {
  /**
   * @param {number} status 0 when no answer came
   * @param {string} code
   * @param {string} detail
   */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  /** Whether the session is over, so that only logging in again helps. */
  get loggedOut() {
    return this.status === 401 || (this.status === 403 && this.code !== "permission_denied");
  }
}

/**
 * @param {unknown} error
 * @returns {string} a sentence for the agent
 */
export function sentence(error) {
  if (error instanceof ApiError) return error.message;
  throw error;
}

/** @param {string} base where the API lives, ending in a slash */
export function createApi(base) {
  /**
   * @template T
   * @param {string} method
   * @param {string} address relative to the API, or a full one that the API gave
   * @param {object} [body]
   * @param {boolean} [keepalive] whether it has to arrive though the page is being left
   * @returns {Promise<T>}
   */
  async function call(method, address, body, keepalive = false) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
    const form = body instanceof FormData;
    if (body && !form) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(sameOrigin(address, base), {
        method, headers, keepalive, credentials: "same-origin", body: form ? body : body && JSON.stringify(body),
      });
    } catch {
      throw new ApiError(0, "offline", gettext("No connection to the server. Check your network and try again."));
    }
    if (!response.ok) throw await errorOf(response);
    return response.status === 204 ? /** @type {T} */ (null) : response.json();
  }

  return {
    /** @returns {Promise<Me>} */
    me: () => call("GET", "me"),
    /** @param {{presence?: Presence, capacity?: number}} change @returns {Promise<Me>} */
    changeMe: (change) => call("PATCH", "me", change),
    /** @param {Partial<Preferences>} change @returns {Promise<Preferences>} */
    changePreferences: (change) => call("PATCH", "me/preferences", change),
    /** @returns {Promise<Team>} */
    team: () => call("GET", "team"),
    /** @param {number} id @param {{presence?: Presence, capacity?: number}} change @returns {Promise<Team>} */
    changeTeammate: (id, change) => call("PATCH", `team/${id}`, change),
    /** @returns {Promise<Agent[]>} */
    agents: async () => {
      /** @type {Agent[] | {agents: Agent[]}} */
      const answer = await call("GET", "agents");
      return Array.isArray(answer) ? answer : answer.agents;
    },
    /** @returns {Promise<Topic[]>} */
    topics: async () => {
      /** @type {{topics: Topic[]}} */
      const answer = await call("GET", "topics");
      return answer.topics;
    },
    /** @param {string} address @returns {Promise<Rows>} */
    conversations: (address) => call("GET", address),
    /** @returns {Promise<Choices>} */
    choices: () => call("GET", "choices"),
    /** @returns {Promise<{views: SavedView[]}>} */
    savedViews: () => call("GET", "views"),
    /** @param {{name: string, filters: object, shared: boolean}} view @returns {Promise<SavedView>} */
    saveView: (view) => call("POST", "views", view),
    /** @param {number} id @param {{name?: string, filters?: object, position?: number}} change @returns {Promise<SavedView>} */
    changeView: (id, change) => call("PATCH", `views/${id}`, change),
    /** @param {number} id @returns {Promise<null>} */
    removeView: (id) => call("DELETE", `views/${id}`),
    /** @param {string} words @returns {Promise<{next: string | null, results: Row[]}>} */
    find: (words) => call("GET", `conversations?${new URLSearchParams({ view: "all", q: words })}`),
    /** @param {number} id @returns {Promise<Detail>} */
    conversation: (id) => call("GET", `conversations/${id}`),
    /** @param {number} id @returns {Promise<Similars>} */
    similar: (id) => call("GET", `conversations/${id}/similar`),
    /**
     * @param {number} id
     * @param {{before?: number, after?: number}} [from]
     * @returns {Promise<{messages: Message[], has_more: boolean}>}
     */
    messages: (id, from = {}) => {
      const query = new URLSearchParams(Object.entries(from).map(([name, value]) => [name, String(value)]));
      return call("GET", `conversations/${id}/messages${query.size ? `?${query}` : ""}`);
    },
    /**
     * @param {number} id
     * @param {SendKind} kind
     * @param {{client_id: string, text: string, attachments?: number[], seen?: number, typing?: number[], anyway?: boolean, suggestion?: number, mentions?: number[]}} body
     * @returns {Promise<{message: Message, duplicate: boolean}>}
     */
    send: (id, kind, body) => call("POST", `conversations/${id}/${kind}`, body),
    /** @param {number} id @returns {Promise<Message>} */
    resend: (id) => call("POST", `messages/${id}/resend`, {}),
    /** @param {number} id @returns {Promise<More>} */
    more: (id) => call("GET", `messages/${id}`),
    /** @param {File} file @returns {Promise<Attachment>} */
    upload: (file) => {
      const form = new FormData();
      form.append("file", file);
      return call("POST", "attachments", form);
    },
    /** @param {number} id @returns {Promise<null>} */
    discardFile: (id) => call("DELETE", `attachments/${id}`),
    /** @param {number} contact @param {number} other @returns {Promise<Merge>} */
    merge: (contact, other) => call("POST", `contacts/${contact}/merge`, { other }),
    /** @param {number} id @returns {Promise<Person>} */
    undoMerge: (id) => call("POST", `merges/${id}/undo`, {}),
    /**
     * @param {number} id
     * @param {boolean} over whether to take it from a colleague who has it
     * @returns {Promise<Row>}
     */
    take: (id, over) => call("POST", `conversations/${id}/take`, { over }),
    /** @param {number} id @param {number} agent a colleague, or oneself @returns {Promise<Row>} */
    give: (id, agent) => call("POST", `conversations/${id}/give`, { agent }),
    /** @param {number} id @param {PassOn} body @returns {Promise<Row>} */
    passOn: (id, body) => call("POST", `conversations/${id}/pass-on`, body),
    /**
     * @param {number} id
     * @param {"resolve" | "hand-back"} deed
     * @returns {Promise<Row>}
     */
    act: (id, deed) => call("POST", `conversations/${id}/${deed}`, {}),
    /**
     * @param {number} id
     * @param {{topic?: string, priority?: Priority}} change
     * @returns {Promise<Row>}
     */
    classify: (id, change) => call("POST", `conversations/${id}/classify`, change),
    /** @returns {Promise<{conversations: number[]}>} */
    drafted: () => call("GET", "drafts"),
    /** @param {number} id @returns {Promise<{reply: KeptDraft | null, note: KeptDraft | null}>} */
    drafts: (id) => call("GET", `conversations/${id}/drafts`),
    /**
     * @param {number} id
     * @param {SendKind} kind
     * @param {{text: string, version: number, attachments: number[]}} body
     * @param {boolean} leaving
     * @returns {Promise<{draft: KeptDraft | null}>}
     */
    keepDraft: (id, kind, body, leaving) => call("PUT", `conversations/${id}/drafts/${kind}`, body, leaving),
    /** @returns {Promise<{replies: Canned[]}>} */
    canned: () => call("GET", "replies"),
    /** @param {number | null} id null makes a new one @param {object} body @returns {Promise<Canned>} */
    keepCanned: (id, body) => (id === null ? call("POST", "replies", body) : call("PUT", `replies/${id}`, body)),
    /** @param {number} id @returns {Promise<null>} */
    removeCanned: (id) => call("DELETE", `replies/${id}`),
    /** @param {number} id @param {number} reply @returns {Promise<Filled>} */
    fillCanned: (id, reply) => call("POST", `conversations/${id}/replies/${reply}`, {}),
    /** @returns {Promise<{macros: Macro[]}>} */
    macros: () => call("GET", "macros"),
    /** @param {number | null} id null makes a new one @param {object} body @returns {Promise<Macro>} */
    keepMacro: (id, body) => (id === null ? call("POST", "macros", body) : call("PUT", `macros/${id}`, body)),
    /** @param {number} id @returns {Promise<null>} */
    removeMacro: (id) => call("DELETE", `macros/${id}`),
    /** @param {number} id @param {number} macro @returns {Promise<MacroRun>} */
    runMacro: (id, macro) => call("POST", `conversations/${id}/macros/${macro}`, {}),
    /** @param {number} id @returns {Promise<{suggestion: Offer | null}>} */
    offer: (id) => call("GET", `conversations/${id}/suggestion`),
    /** @param {number} id @returns {Promise<null>} */
    discardOffer: (id) => call("POST", `suggestions/${id}/discard`, {}),
    /** @param {number} id @returns {Promise<Gist>} */
    gist: (id) => call("GET", `conversations/${id}/summary`),
    /** @param {number} id @returns {Promise<{text: string, language: string}>} */
    translateMessage: (id) => call("POST", `messages/${id}/translate`, {}),
    /** @param {number} id @param {string} text @returns {Promise<{text: string, language: string}>} */
    translateReply: (id, text) => call("POST", `conversations/${id}/translate`, { text }),
    /**
     * @param {DeedName} deed
     * @param {number[]} ids at most 500
     * @param {DeedValues} values
     * @returns {Promise<Done>}
     */
    perform: (deed, ids, values) => call("POST", "deeds", { deed, ids, values }),
    /** @param {number} id @returns {Promise<Undone>} */
    undo: (id) => call("POST", `deeds/${id}/undo`, {}),
    /** @returns {Promise<{id: number}[]>} the newest first */
    pastDeeds: async () => {
      /** @type {{deeds: {id: number}[]}} */
      const answer = await call("GET", "deeds");
      return answer.deeds;
    },
    /** @returns {Promise<Label[]>} */
    labels: async () => {
      /** @type {{labels: Label[]}} */
      const answer = await call("GET", "labels");
      return answer.labels;
    },
    /** @param {string} name @returns {Promise<Label>} */
    makeLabel: (name) => call("POST", "labels", { name }),
    /** @param {number} id @returns {Promise<{choices: {name: SnoozeName, until: string}[], zone: string}>} */
    snoozeChoices: (id) => call("GET", `conversations/${id}/snooze`),
    /** @param {number} id @returns {Promise<Row>} */
    wake: (id) => call("POST", `conversations/${id}/wake`, {}),
    /** @param {number} id @param {number} other @param {boolean} linked @returns {Promise<{linked: Past[]}>} */
    link: (id, other, linked) => call("POST", `conversations/${id}/link`, { other, linked }),
    /** @param {number} id @returns {Promise<Past>} */
    takeApart: (id) => call("POST", `conversations/${id}/take-apart`, {}),
    /** @param {number} id @returns {Promise<Past>} */
    unblock: (id) => call("POST", `conversations/${id}/unblock`, {}),
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/**
 * A server behind a proxy may build `next` with another scheme or host: only its path counts.
 * @param {string} address
 * @param {string} base
 */
function sameOrigin(address, base) {
  const url = new URL(address, new URL(base, location.origin));
  return url.pathname + url.search;
}

/** The cookie is fresher than the page's form field, but may be hidden from scripts. */
function csrfToken() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  if (cookie) return decodeURIComponent(cookie.slice("csrftoken=".length));
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field instanceof HTMLInputElement ? field.value : "";
}

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function errorOf(response) {
  try {
    const { error } = await response.json();
    if (error?.code) return new ApiError(response.status, error.code, error.detail);
  } catch {
    // An answer that is no JSON comes from a proxy, and gets our own words below.
  }
  if (response.status === 404) return new ApiError(404, "not_found", gettext("This does not exist any more."));
  return new ApiError(response.status, "server_error", gettext("The server could not do this. Try again in a moment."));
}
