// What the parts around the conversations share: preferences, the team page.

type Theme = "system" | "light" | "dark";
type CallEvent = "given" | "customer" | "mention" | "queue" | "late";
/** `tell`: what calls; `words`: whether notifications say what the customer wrote. */
interface Preferences { theme: Theme; language: string; sound: boolean; desktop: boolean; words: boolean; tell: CallEvent[] }

type Page = "conversations" | "team";
interface Boot { page: Page; preferences: Preferences }
interface Me { supervises?: boolean }
interface Row { reply_due_at: string | null; resolve_due_at: string | null }

/** A conversation to go to; `name` is its customer's. */
interface Look { id: number; name: string; waiting_since: string | null }
interface Figures { handled: number; first_reply_seconds: number | null; rating: number | null; ratings: number }
interface Teammate {
  id: number;
  name: string;
  presence: Presence | "offline";
  open: number;
  capacity: number;
  since: string | null;
  looks_at: Look[];
  oldest: Look | null;
  today: Figures;
  /** Who last changed something for them today. */
  changed: { by: string; at: string } | null;
}
interface Team { team: Teammate[]; waiting: number; oldest: Look | null; promised_minutes: number | null; today: Figures }
