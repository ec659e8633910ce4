// seconds
const PING = 25;
const SILENCE = 10;
const POLL = 4;
const SOCKET_WHILE_POLLING = 60;

const STRIKES = 3; // attempts in a row that never opened, before HTTP takes over

/** @type {OpenStore} */
export function openStore(kind, prefix) {
  /** @type {Record<string, string>} */
  let area = {};
  try {
    area = globalThis[kind] ?? area;
  } catch {}
  return {
    get: (name) => JSON.parse(area[prefix + name] ?? "null"),
    set(name, value) {
      const key = prefix + name;
      try {
        if (value == null) delete area[key];
        else area[key] = JSON.stringify(value);
      } catch {
        area = { ...area, [key]: JSON.stringify(value) };
      }
    },
    all: (start) =>
      Object.keys(area)
        .filter((key) => key.startsWith(prefix + start))
        .map((key) => JSON.parse(area[key] ?? "null")).filter(Boolean),
  };
}

/** @type {OpenOutbox} */
export function openOutbox(store) {
  const items = () => store.all("out:").sort((a, b) => a.at - b.at);
  /** @type {Put} */
  const put = (item) => store.set("out:" + item.client_id, item);
  /** @type {Change} */
  const change = (id, change) => {
    const item = store.get("out:" + id);
    if (item) put({ ...item, ...change });
  };
  // growing even when the clock is set back
  const now = () => Math.max(Date.now(), (items().at(-1)?.at ?? 0) + 1);
  return {
    items,
    next: () => items().find((item) => !item.error),
    add(text, intent, attachments) {
      // randomUUID is missing on plain-http pages
      const client_id = crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
      put({ client_id, text, intent, attachments, at: now() });
    },
    settle(ids) {
      for (const id of ids) store.set("out:" + id, null);
    },
    fail: (id, error) => change(id, { error }),
    retry: (id) => change(id, { error: undefined, at: now() }),
  };
}

/** @type {CreateFailure} */
const failure = (status, { code = "server_error", retry_after } = {}) =>
  Object.assign(new Error(code), {
    status,
    code: status === 429 ? "rate_limited" : code,
    retry_after,
    permanent: status >= 400 && status < 500 && ![401, 408, 429].includes(status),
  });

/** @type {OpenSession} */
export function openSession(base, key, store, claim, leave) {
  /** @type {Ask} */
  async function ask(method, path, body, token) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (body) headers["Content-Type"] = "application/json";
    if (token) headers.Authorization = "Visitor " + token;
    const response = await fetch(`${base}api/v1/widget/${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(15000),
    }).catch(() => {
      throw failure(0);
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw failure(response.status, answer.error);
    return answer;
  }
  const known = () => store.get("session");
  /** @type {Promise<Token> | undefined} */
  let asking;
  /** @type {string | undefined} */
  let claimed;
  async function renew() {
    const identity = claim();
    const before = known();
    const log_out = identity === "" && !!before?.named;
    if (log_out) refuse(before.token); // also where the server cannot be asked
    const { token, visitor, expires_at } = await ask("POST", "session", { key, token: before?.token, identity: identity || undefined, log_out });
    claimed = JSON.stringify(identity);
    if (identity !== undefined && before && before.visitor !== visitor) leave();
    const named = !!identity || (before?.visitor === visitor && before.named);
    const session = { token, visitor, named, renewAt: (Date.now() + Date.parse(expires_at)) / 2 };
    store.set("session", session);
    return session;
  }
  const isOld = () => claimed !== JSON.stringify(claim());
  /** @type {Session["obtain"]} */
  const obtain = async () => {
    if (Date.now() < known()?.renewAt && !isOld()) return known();
    const session = await (asking ??= renew().finally(() => (asking = undefined)));
    return isOld() ? obtain() : session;
  };
  const refuse = (/** @type {string} */ token) => {
    if (known()?.token === token) store.set("session", null);
  };
  return {
    socketUrl: base.replace("http", "ws") + "ws/chat/",
    known,
    obtain,
    refuse,
    site: (language) => ask("GET", "site?" + new URLSearchParams({ key, language })),
    async call(method, path, body) {
      const attempt = async () => {
        const { token, visitor } = await obtain();
        const answer = await ask(method, path, body, token).catch((error) => {
          if (error.status === 401) refuse(token);
          throw error;
        });
        if (known()?.visitor !== visitor) throw failure(0);
        return answer;
      };
      return attempt().catch((error) => {
        if (error.status !== 401) throw error;
        return attempt();
      });
    },
  };
}

/** @type {Backoff} */
export const backoff = (n) => Math.max(0.5, Math.min(30, 0.5 * 2 ** n) * (0.5 + Math.random() / 2));

/** @type {OpenConnection} */
export function openConnection({ session, outbox, emit, after, context }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let running = false;
  let opened = false; // this socket
  let ready = false; // history is complete on this line: messages may go
  let polling = false;
  let renewed = false;
  let failures = 0;
  let strikes = 0;
  let newestSeen = 0;
  let seenSent = 0;
  let inFlight = ""; // client id

  /** @type {Timers} */
  const timers = {};
  const cancel = (/** @type {string} */ name) => clearTimeout(timers[name]);
  /** @type {Later} */
  const later = (name, seconds, action) => {
    cancel(name);
    timers[name] = setTimeout(action, seconds * 1000);
  };
  const tell = (/** @type {Link} */ link) => emit({ type: "link", link });
  const send = (/** @type {object} */ event) => {
    if (opened) socket?.send(JSON.stringify(event));
  };
  const sync = () => send({ type: "sync", after: after(), ...context() });
  const expectFrame = () => later("silence", SILENCE, () => drop(0, ""));

  function ping() {
    send({ type: "ping" });
    expectFrame();
    later("ping", PING, ping);
  }

  async function connect() {
    if (!running || socket) return;
    cancel("connect");
    let token = "";
    try {
      const known = await session.obtain();
      if (!running || socket) return;
      token = known.token;
      emit({ type: "visitor", visitor: known.visitor });
      socket = new WebSocket(session.socketUrl, ["chat.v1", token]);
    } catch (/** @type {any} */ error) {
      if (error.permanent) return giveUp();
      if (token) strikes++;
      return retry();
    }
    socket.onopen = () => {
      polling = false;
      opened = true;
      strikes = 0;
      cancel("poll");
      restart();
      sync();
      ping();
    };
    socket.onmessage = ({ data }) => {
      cancel("silence");
      receive(JSON.parse(data));
    };
    socket.onclose = ({ code }) => drop(code, token);
    expectFrame();
  }

  /** @type {Drop} */
  function drop(code, token) {
    if (code === 1009) outbox.fail(inFlight, "too_long");
    if (code === 4401) session.refuse(token);
    if (!opened) strikes++;
    hangUp();
    if (code === 4403 || (code === 4401 && renewed)) giveUp();
    else if (code === 4401) {
      renewed = true;
      connect();
    } else retry();
  }

  function retry() {
    if (!polling && strikes >= STRIKES) {
      polling = true;
      poll();
    }
    if (!polling) tell("offline");
    later("connect", polling ? SOCKET_WHILE_POLLING : backoff(failures++), connect);
  }

  function stop() {
    running = polling = false;
    hangUp();
    for (const name in timers) cancel(name);
  }

  function giveUp() {
    stop();
    tell("refused");
  }

  function hangUp() {
    const old = socket;
    socket = null;
    opened = false;
    cancel("silence");
    cancel("ping");
    if (!polling) restart();
    if (!old) return;
    old.onopen = old.onmessage = old.onclose = null;
    old.close();
  }

  /** What was on its way goes again on the new line. */
  function restart() {
    ready = false;
    inFlight = "";
    cancel("ack");
  }

  async function poll() {
    if (!polling || document.hidden) return;
    let wait = POLL;
    try {
      const answer = await session.call("GET", "messages?after=" + after());
      if (!polling) return;
      if (failures) connect(); // the server is back, perhaps with sockets
      receive({ type: "history", ...answer });
      if (answer.has_more) wait = 0;
    } catch (/** @type {any} */ error) {
      if (!polling) return;
      if (error.permanent) return giveUp();
      wait = Math.max(POLL, backoff(failures++));
      restart();
      tell("offline");
    }
    later("poll", wait, poll);
  }

  function sendNext() {
    const item = outbox.next();
    if (!item || !ready || inFlight) return;
    const { client_id, text, intent, attachments } = item;
    inFlight = client_id;
    later("ack", SILENCE, () => land([client_id]));
    const body = { client_id, text, attachments: attachments?.map(({ id }) => id), ...context() };
    if (!polling) return send({ type: intent === "human" ? "human.request" : "message.send", ...body });
    session.call("POST", "messages", { intent, ...body }).then(
      ({ message }) => receive({ type: "ack", client_id, message }),
      (error) => {
        // else sent again without an acknowledgement
        if (error.permanent || error.status === 429) refused({ ...error, client_id });
      },
    );
  }

  /** @type {Land} */
  function land(ids) {
    if (!ids.includes(inFlight)) return;
    inFlight = "";
    cancel("ack");
    flush();
  }

  function flush(seconds = 0) {
    emit({ type: "outbox", items: outbox.items() });
    if (seconds) later("flush", seconds, sendNext);
    else sendNext();
  }

  /** @type {(event: any) => void} */
  function receive(event) {
    const { client_id, message, messages, type } = event;
    if (type === "error" && client_id) return refused(event);
    const recorded = [client_id, message?.client_id, ...(messages ?? []).map((/** @type {any} */ other) => other.client_id)];
    outbox.settle(recorded);
    emit(event);
    if (type === "history") {
      if (event.has_more && messages.length) return sync();
      ready = true;
      renewed = false;
      failures = 0;
      tell("online");
      seen(0);
      sendNext();
    }
    land(recorded);
  }

  /** @type {Refused} */
  function refused({ client_id, code, retry_after = 5 }) {
    if (code !== "rate_limited") outbox.fail(client_id, code);
    else return later("ack", retry_after, () => land([client_id]));
    land([client_id]);
  }

  function seen(id = 0) {
    newestSeen = Math.max(newestSeen, id);
    if (!ready || newestSeen <= seenSent) return;
    seenSent = newestSeen;
    const body = { message_id: newestSeen };
    if (polling) session.call("POST", "seen", body).catch(() => {});
    else send({ type: "seen", ...body });
  }

  return {
    start() {
      if (running) return;
      running = true;
      tell("connecting");
      connect();
    },
    stop,
    wake() {
      if (polling) poll();
      if (opened) ping();
      else connect();
    },
    changeVisitor() {
      hangUp();
      connect();
    },
    flush,
    seen,
    typing: () => send({ type: "typing" }),
    // over HTTP on any line: there the answer belongs to the question
    contact: (email) =>
      session.call("POST", "contact", { email }).then(
        () => "saved",
        (error) => (error.permanent ? "wrong" : "failed"),
      ),
  };
}
