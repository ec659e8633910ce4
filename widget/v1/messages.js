/** English, Danish, Swedish, German. @satisfies {Record<string, [string, string, string, string]>} */
export const texts = {
  open: ["Open chat", "Åbn chat", "Öppna chatten", "Chat öffnen"],
  close: ["Close chat", "Luk chat", "Stäng chatten", "Chat schließen"],
  unread: ["{n} unread", "{n} ulæste", "{n} olästa", "{n} ungelesen"],
  morning: ["Good morning", "Godmorgen", "God morgon", "Guten Morgen"],
  afternoon: ["Good afternoon", "God eftermiddag", "God eftermiddag", "Guten Tag"],
  evening: ["Good evening", "Godaften", "God kväll", "Guten Abend"],
  greeting: ["How can we help?", "Hvad kan vi hjælpe dig med?", "Vad kan vi hjälpa dig med?", "Wie können wir Ihnen helfen?"],
  bot: ["{name} answers right away", "{name} svarer med det samme", "{name} svarar direkt", "{name} antwortet sofort"],
  within: [
    "usually replies within {time}",
    "svarer som regel inden for {time}",
    "svarar oftast inom {time}",
    "antwortet meist innerhalb von {time}",
  ],
  queue: ["You are in line.", "Du er i kø.", "Du står i kö.", "Sie sind in der Warteschlange."],
  place: [
    "You are number {n} in line.",
    "Du er nummer {n} i køen.",
    "Du är nummer {n} i kön.",
    "Sie sind Nummer {n} in der Warteschlange.",
  ],
  wait: [
    "Expected wait: {time}.",
    "Forventet ventetid: {time}.",
    "Beräknad väntetid: {time}.",
    "Voraussichtliche Wartezeit: {time}.",
  ],
  human: ["Talk to a person", "Tal med et menneske", "Prata med en människa", "Mit einem Menschen sprechen"],
  back: ["back {time}", "tilbage {time}", "tillbaka {time}", "wieder da: {time}"],
  away: ["away right now", "ikke til stede lige nu", "inte på plats just nu", "gerade nicht da"],
  write: ["Write a message", "Skriv en besked", "Skriv ett meddelande", "Nachricht schreiben"],
  send: ["Send", "Send", "Skicka", "Senden"],
  attach: ["Add pictures", "Tilføj billeder", "Lägg till bilder", "Bilder hinzufügen"],
  count: ["{n} of {max} characters", "{n} af {max} tegn", "{n} av {max} tecken", "{n} von {max} Zeichen"],
  you: ["You", "Dig", "Du", "Sie"],
  typing: ["{name} is writing", "{name} skriver", "{name} skriver", "{name} schreibt"],
  source: ["From: {titles}", "Fra: {titles}", "Från: {titles}", "Aus: {titles}"],
  updated: ["updated {date}", "opdateret {date}", "uppdaterad {date}", "aktualisiert am {date}"],
  sending: ["Sending …", "Sender …", "Skickar …", "Wird gesendet …"],
  later: [
    "Sent when the connection is back",
    "Sendes, når forbindelsen er tilbage",
    "Skickas när anslutningen är tillbaka",
    "Wird gesendet, sobald die Verbindung wieder steht",
  ],
  failed: [
    "Not sent: something went wrong on our side.",
    "Ikke sendt: noget gik galt hos os.",
    "Inte skickat: något gick fel hos oss.",
    "Nicht gesendet: Bei uns ist etwas schiefgegangen.",
  ],
  unfit: [
    "Not sent: too long or unreadable.",
    "Ikke sendt: for lang eller ulæselig.",
    "Inte skickat: för långt eller oläsligt.",
    "Nicht gesendet: zu lang oder nicht lesbar.",
  ],
  retry: ["Try again", "Prøv igen", "Försök igen", "Erneut versuchen"],
  edit: ["Edit", "Rediger", "Redigera", "Bearbeiten"],
  offline: ["Connecting again …", "Forbinder igen …", "Ansluter igen …", "Verbindung wird wiederhergestellt …"],
  refused: [
    "The chat is not available here.",
    "Chatten er ikke tilgængelig her.",
    "Chatten är inte tillgänglig här.",
    "Der Chat ist hier nicht verfügbar.",
  ],
  resolved: [
    "This conversation is closed. Write again, and a new one begins.",
    "Samtalen er afsluttet. Skriv igen, så begynder en ny.",
    "Samtalet är avslutat. Skriv igen, så börjar ett nytt.",
    "Dieses Gespräch ist beendet. Schreiben Sie wieder, beginnt ein neues.",
  ],
  email: [
    "Your email, so that the answer finds you",
    "Din e-mail, så svaret når dig",
    "Din e-post, så att svaret når dig",
    "Ihre E-Mail, damit die Antwort Sie erreicht",
  ],
  saved: [
    "Thank you. We also write to {email}.",
    "Tak. Vi skriver også til {email}.",
    "Tack. Vi skriver också till {email}.",
    "Danke. Wir schreiben auch an {email}.",
  ],
  wrong: ["Please check the address.", "Tjek adressen.", "Kontrollera adressen.", "Bitte prüfen Sie die Adresse."],
};

const languages = ["en", "da", "sv", "de"];

/** @type {Speak} */
export function speak(tag, preferred) {
  const base = tag.toLowerCase().split("-")[0];
  const index = Math.max(0, languages.indexOf(/^(nb|nn|no)$/.test(base) ? "da" : base));
  const language = languages[index];
  const locale = preferred.find((other) => other.split("-")[0] === language) ?? language;
  /** @type {(iso: string, options: Intl.DateTimeFormatOptions) => string} */
  const date = (iso, options) => new Date(iso).toLocaleString(locale, options);
  /** @type {Speech["number"]} */
  const number = (value, options) => value.toLocaleString(locale, options);
  return {
    language,
    number,
    say: (name, values = {}) => texts[name][index].replace(/\{(\w+)\}/g, (_, key) => values[key]),
    duration(minutes) {
      const [value, unit] = minutes < 60 ? [Math.max(1, minutes), "minute"] : [minutes / 60, "hour"];
      return number(value, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 });
    },
    time: (iso) => date(iso, { hour: "2-digit", minute: "2-digit" }),
    date: (iso) => date(iso, { dateStyle: "medium" }),
    moment(iso) {
      const far = +new Date(iso) - Date.now() > 6 * 864e5; // a weekday alone could be either
      return date(iso, { weekday: "long", ...(far && { day: "numeric", month: "long" }), hour: "2-digit", minute: "2-digit" });
    },
    day(iso) {
      const ago = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(iso).setHours(0, 0, 0, 0)) / 864e5);
      if (ago > 1) return date(iso, { weekday: "long", day: "numeric", month: "long" });
      return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-ago, "day");
    },
  };
}
