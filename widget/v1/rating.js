import { button, h, set } from "./dom.js";

const MOST = 2000; // characters of a comment

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.ask { width: 100%; margin-top: 8px; display: grid; gap: 8px; }
.scores { display: grid; gap: 6px; }
.scores button, .ask form button { min-height: 44px; padding: 6px 14px; border: 1px solid; border-radius: 12px; color: var(--accent-text); text-align: start; }
.scores button[aria-pressed=true] { background: var(--accent); color: var(--on-accent); }
.scores b { display: inline-block; min-width: 20px; font-weight: 600; }
.scores[data-kind=recommendation] { grid-template-columns: repeat(auto-fill, minmax(44px, 1fr)); }
.scores[data-kind=recommendation] button { padding: 6px 0; text-align: center; }
.scores[data-kind=recommendation] b { min-width: 0; }
.ends { display: flex; justify-content: space-between; gap: 12px; font-size: 12px; color: var(--text-quiet); }
.thanks { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 4px; }
.thanks:focus { outline: none; }
.ask form { display: grid; gap: 8px; justify-items: start; }
.ask label { width: 100%; }
.ask textarea { margin-top: 4px; padding-right: 14px; min-height: 64px; }
.said { padding-left: 12px; border-left: 2px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; }
`);

/** English, Danish, Swedish, German. @type {Record<string, string[]>} */
const texts = {
  thanks: ["Thank you.", "Tak.", "Tack.", "Danke."],
  change: ["Change", "Ret", "Ändra", "Ändern"],
  word: [
    "A word about it, if you like",
    "Et ord om det, hvis du vil",
    "Ett ord om det, om du vill",
    "Ein Wort dazu, wenn Sie mögen",
  ],
  send: ["Send", "Send", "Skicka", "Senden"],
  failed: [
    "That did not get through. Please try again.",
    "Det kom ikke igennem. Prøv igen.",
    "Det kom inte fram. Försök igen.",
    "Das kam nicht an. Bitte versuchen Sie es erneut.",
  ],
};

/** @type {ShowQuestion} */
export function ask(line, message, { root, speech, session, emit }) {
  const { asks } = message;
  if (!asks) return;
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  const say = (/** @type {string} */ name) => texts[name][["en", "da", "sv", "de"].indexOf(speech.language)];
  /** @type {HTMLElement | null} */
  const known = line.querySelector(".ask");
  const place = known ?? h("div", "ask");
  if (!known) line.lastElementChild?.before(place);
  const note = h("p", "error", { role: "alert", hidden: true });

  /** @param {{score: number, comment?: string}} given */
  async function send(given) {
    note.hidden = true;
    set(place, { "aria-busy": "true" });
    try {
      const { message: now } = await session.call("POST", "rating", { message: message.id, ...given });
      emit({ type: "message", message: now });
      draw(now.asks);
      /** @type {HTMLElement | null} */ (place.querySelector(".thanks"))?.focus(); // the button that was pressed is gone
    } catch {
      note.textContent = say("failed");
      note.hidden = false;
      place.append(note);
    }
    set(place, { "aria-busy": null });
  }

  /** @param {NonNullable<Message["asks"]>} asks */
  function choices({ kind, words, score }) {
    const numbers = kind === "rating" ? [1, 2, 3, 4, 5] : [...Array(11).keys()];
    const ends = new Map([[0, words[0]], [10, words[1]]]);
    return [
      h("div", "scores", { role: "group", "aria-label": message.text.split("\n")[0], "data-kind": kind, lang: message.language || null },
        ...numbers.map((number) => {
          const word = kind === "rating" ? words[number - 1] : "";
          const label = word || ends.get(number);
          const press = button("score", h("b", "", {}, String(number)), {
            "aria-label": label ? `${number}, ${label}` : null,
            "aria-pressed": String(number === score),
            click: () => send({ score: number }),
          });
          press.append(word);
          return press;
        })),
      ...(kind === "rating" ? [] : [h("p", "ends", { "aria-hidden": "true" }, h("span", "", {}, "0: " + words[0]), h("span", "", {}, "10: " + words[1]))]),
    ];
  }

  /** @param {NonNullable<Message["asks"]>} asks */
  function draw(asks) {
    place.dataset.shown = JSON.stringify(asks);
    const { comment, kind, open, score, words } = asks;
    if (score === null) return place.replaceChildren(...(open ? choices(asks) : []));
    const noted = kind === "rating" ? `${score}: ${words[score - 1]}` : `${score}/10`;
    const thanks = h("p", "thanks", { tabindex: "-1" }, say("thanks"), h("span", "", { lang: message.language || null }, noted));
    if (open)
      thanks.append(button("quiet", say("change"), {
        click() {
          place.replaceChildren(...choices(asks));
          /** @type {HTMLElement | null} */ (place.querySelector("[aria-pressed=true]"))?.focus();
        },
      }));
    const input = h("textarea", "", { rows: "2", maxlength: String(MOST) });
    const form = h("form", "word", {}, h("label", "", {}, say("word"), input), h("button", "", {}, say("send")));
    form.onsubmit = (event) => {
      event.preventDefault();
      if (input.value.trim()) send({ score, comment: input.value.trim() });
    };
    place.replaceChildren(thanks, ...(comment ? [h("p", "said", {}, comment)] : open && kind === "rating" ? [form] : []));
  }

  if (place.dataset.shown !== JSON.stringify(asks)) draw(asks);
}
