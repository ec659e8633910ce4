// What the states of a conversation are called.

/** @param {{name: string, email: string}} contact */
export function nameOf(contact) {
  return contact.name || contact.email || gettext("Visitor");
}

/** @param {string} name */
export function initials(name) {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : parts;
  return letters.map((part) => Array.from(part)[0].toLocaleUpperCase()).join("");
}

/** @param {Status} status */
export function statusName(status) {
  switch (status) {
    case "bot": return gettext("With the bot");
    case "queued": return gettext("In the queue");
    case "assigned": return gettext("Assigned");
    case "resolved": return gettext("Resolved");
  }
}

/**
 * Who has a conversation, as a sentence.
 * @param {Row} row
 * @param {number} me
 */
export function whoHasIt(row, me) {
  if (row.status === "bot") return gettext("The bot is answering");
  if (row.status === "queued") return gettext("In the queue");
  if (row.status === "resolved") return gettext("Resolved");
  if (!row.assignee) return gettext("Assigned");
  if (row.assignee.id === me) return gettext("You have this");
  return interpolate(gettext("%(name)s has this"), row.assignee, true);
}

/** @param {Priority} priority */
export function priorityName(priority) {
  switch (priority) {
    case "normal": return pgettext("priority", "Normal");
    case "high": return pgettext("priority", "High");
    case "urgent": return pgettext("priority", "Urgent");
  }
}

/** @param {Agent["presence"]} presence */
export function presenceName(presence) {
  if (presence === "offline") return gettext("Offline");
  return presence === "online" ? gettext("Online") : gettext("Away");
}

/**
 * One line of a preview, with who wrote it when that was not the customer. Without a text there were only files.
 * @param {Preview | string | null} preview
 */
export function previewLine(preview) {
  if (preview === null) return "";
  if (typeof preview === "string") return preview || gettext("Picture or file");
  const text = preview.text || gettext("Picture or file");
  if (preview.author === "agent") return interpolate(gettext("Agent: %(text)s"), { text }, true);
  if (preview.author === "bot") return interpolate(gettext("Bot: %(text)s"), { text }, true);
  return text;
}

/**
 * What kind of channel it is.
 * @param {string} kind
 */
export function kindName(kind) {
  switch (kind) {
    case "website": return gettext("Website");
    case "email": return gettext("Email");
    case "telegram": return "Telegram";
    case "slack": return "Slack";
    default: return gettext("Other system");
  }
}

/** @param {DeliveryState} state */
export function deliveryName(state) {
  switch (state) {
    case "queued": return gettext("On its way");
    case "sent": return gettext("Sent");
    case "delivered": return gettext("Delivered");
    case "read": return gettext("Read");
    case "failed": return gettext("Not delivered");
  }
}

/**
 * Why nothing reaches somebody on a channel.
 * @param {string} reason
 */
export function unreachableWords(reason) {
  const said = reason === "blocked" ? gettext("they have blocked us there") : reason;
  return interpolate(gettext("Cannot be reached: %(reason)s"), { reason: said }, true);
}

/** @param {Row} row */
export function isOpen(row) {
  return row.status !== "resolved";
}

/**
 * @param {Row} row
 * @param {number} me
 */
export function isMine(row, me) {
  return row.status === "assigned" && row.assignee?.id === me;
}

/**
 * Whether somebody other than the agent has it.
 * @param {Row} row
 * @param {number} me
 */
export function isOthers(row, me) {
  return row.status === "assigned" && row.assignee !== null && row.assignee.id !== me;
}
