import { button, h, icon, set, write } from "./dom.js";

const MOST = 5; // of one message
const SIDE = 240; // px
const UPLOAD = 120000; // ms

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
.tray, .pictures { display: flex; flex-wrap: wrap; gap: 8px; }
.tray { max-height: 200px; overflow-y: auto; padding: 4px 0 8px; list-style: none; }
.pictures:empty, .tray:empty { display: none; }
.mine .pictures { justify-content: end; }
.pictures { margin-bottom: 2px; max-width: 100%; }
.picture, .thumb { display: block; overflow: hidden; border: 1px solid var(--line); border-radius: 12px; background: var(--surface-raised); }
.picture { max-width: 100%; }
.file { display: flex; align-items: center; gap: 8px; max-width: 100%; padding: 8px 14px; border: 1px solid var(--line); border-radius: 18px; overflow-wrap: anywhere; }
.file svg { flex: none; width: 16px; }
.picture canvas { display: block; width: 100%; height: 100%; }
.picture .quiet { margin: 8px; }
.thumb { position: relative; width: 72px; min-height: 72px; font-size: 12px; }
.thumb[data-failed] { width: 100%; padding: 8px 40px 8px 12px; min-height: 0; }
.thumb[data-failed] canvas { display: none; }
.thumb canvas { display: block; width: 100%; height: 70px; object-fit: cover; }
.thumb progress { position: absolute; left: 8px; bottom: 8px; width: 54px; height: 6px; accent-color: var(--accent-text); }
.remove { position: absolute; top: 4px; right: 4px; width: 24px; height: 24px; padding: 3px; background: var(--surface); border-color: var(--line); }
.remove svg { width: 16px; }
`);

/** English, Danish, Swedish, German. @type {Record<string, string[]>} */
const texts = {
  pictures: ["Pictures to send", "Billeder at sende", "Bilder att skicka", "Zu sendende Bilder"],
  remove: ["Remove {name}", "Fjern {name}", "Ta bort {name}", "{name} entfernen"],
  open: ["Open {name} in a new tab", "Åbn {name} i en ny fane", "Öppna {name} i en ny flik", "{name} in neuem Tab öffnen"],
  upload: ["Uploading {name}", "{name} uploades", "{name} laddas upp", "{name} wird hochgeladen"],
  failed: [
    "{name} did not get through.",
    "{name} kom ikke igennem.",
    "{name} kom inte fram.",
    "{name} wurde nicht übertragen.",
  ],
  save: ["Download {name}", "Hent {name}", "Hämta {name}", "{name} herunterladen"],
  lost: [
    "This file is not here any more.",
    "Filen er her ikke længere.",
    "Filen finns inte kvar.",
    "Diese Datei ist nicht mehr da.",
  ],
  hidden: [
    "Show the picture again",
    "Vis billedet igen",
    "Visa bilden igen",
    "Bild erneut anzeigen",
  ],
  most: [
    "{n} pictures at most in one message.",
    "Højst {n} billeder i én besked.",
    "Högst {n} bilder i ett meddelande.",
    "Höchstens {n} Bilder pro Nachricht.",
  ],
};

/** Pictures before and after they are sent. @type {CreatePictures} */
export function createPictures({ root, base, session, speech, input }) {
  const index = ["en", "da", "sv", "de"].indexOf(speech.language);
  /** @type {(name: string, values?: Record<string, any>) => string} */
  const say = (name, values = {}) => texts[name][index].replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const address = base + "api/v1/widget/attachments";
  const note = h("p", "note error", { role: "alert" });
  const tray = h("ul", "tray", { "aria-label": say("pictures") });
  /** @type {Item[]} */
  let items = [];
  /** @type {(() => void) | undefined} */
  let ready;
  write(note, "");
  root.adoptedStyleSheets.push(sheet);
  input.before(note, tray);

  /** @type {(canvas: HTMLCanvasElement, blob: Blob, width: number) => Promise<void>} */
  async function paint(canvas, blob, width) {
    // no <img>: the page's policy may forbid any source
    const bitmap = await createImageBitmap(blob, { resizeWidth: width * 2, resizeQuality: "high" });
    set(canvas, { width: String(bitmap.width), height: String(bitmap.height) });
    canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(bitmap);
  }

  /** @param {number} id */
  async function download(id) {
    const { token } = await session.obtain();
    const response = await fetch(`${address}/${id}`, { headers: { Authorization: "Visitor " + token }, credentials: "omit" });
    if (!response.ok) throw new Error(String(response.status));
    return response.blob();
  }

  /** @param {Item} item */
  async function upload(item) {
    const { bar, file } = item;
    const { name } = file;
    item.busy = true;
    set(item.element, { "data-failed": false });
    set(bar, { value: "0", "aria-label": say("upload", { name }) });
    item.element.replaceChildren(item.canvas, bar, item.remover);
    const { token } = await session.obtain().catch(() => ({ token: "" }));
    const request = (item.request = new XMLHttpRequest());
    request.open("POST", address);
    request.setRequestHeader("Authorization", "Visitor " + token);
    request.setRequestHeader("Accept-Language", speech.language); // of a refusal
    request.responseType = "json";
    request.timeout = UPLOAD;
    request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    request.onloadend = () => {
      const { response, status } = request;
      if (!items.includes(item)) return;
      item.busy = false;
      bar.remove();
      if (status === 201) item.part = response;
      else {
        if (status === 401) session.refuse(token);
        const again = button("quiet", speech.say("retry"), { click: () => upload(item) });
        const why = h("p", "error", { role: "alert" }, response?.error?.detail ?? say("failed", { name }));
        set(item.element, { "data-failed": true });
        item.element.append(why, ...([400, 413, 415].includes(status) ? [] : [again]));
      }
      if (ready && !items.some((other) => other.busy)) ready();
    };
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  }

  /** @param {File | Attachment} source */
  function add(source) {
    const bar = h("progress", "progress", { max: "1" });
    const canvas = h("canvas", "", { role: "img", "aria-label": source.name });
    const remover = button("remove", icon("M6 6l12 12M18 6L6 18"), {
      "aria-label": say("remove", source),
      click() {
        item.request?.abort();
        if (item.part) session.call("DELETE", "attachments/" + item.part.id).catch(() => {}); // else a day later
        drop(item);
        input.focus();
      },
    });
    const element = h("li", "thumb", {}, canvas, remover);
    /** @type {Item} */
    const item = { element, canvas, bar, remover, file: /** @type {File} */ (source), busy: false };
    items.push(item);
    tray.append(element);
    if (source instanceof File) {
      paint(canvas, source, 72).catch(() => {}); // the server says what is wrong with it
      upload(item);
    } else {
      item.part = source;
      download(source.id).then((blob) => paint(canvas, blob, 72)).catch(() => {});
    }
  }

  /** @param {Item} item */
  function drop(item) {
    items = items.filter((other) => other !== item);
    item.element.remove();
    write(note, "");
  }

  /** @param {HTMLAnchorElement} link @param {Attachment} part @param {number} width */
  async function fill(link, part, width) {
    try {
      const blob = await download(part.id);
      const canvas = h("canvas", "");
      await paint(canvas, blob, width);
      set(link, { href: URL.createObjectURL(blob), target: "_blank", rel: "noopener", "aria-label": say("open", part) });
      link.replaceChildren(canvas);
    } catch {
      link.replaceChildren(button("quiet", say("hidden"), { click: () => fill(link, part, width) }));
    }
  }

  /** @param {Attachment} part */
  function file(part) {
    const link = h("a", "file", { href: "#", "aria-label": say("save", part) }, icon("M12 4v11m-5-5l5 5 5-5M5 20h14"), part.name);
    link.onclick = async (event) => {
      event.preventDefault(); // the server asks for a token, which a link has not
      try {
        const saver = h("a", "", { href: URL.createObjectURL(await download(part.id)), download: part.name });
        saver.click();
        setTimeout(() => URL.revokeObjectURL(saver.href), 6e4);
      } catch {
        link.after(h("p", "error", { role: "alert" }, say("lost")));
      }
    };
    return link;
  }

  const picker = h("input", "", {
    type: "file",
    accept: "image/png,image/jpeg,image/webp,image/gif",
    multiple: true,
    hidden: true,
    change() {
      pick([...(picker.files ?? [])]);
      picker.value = "";
    },
  });
  input.before(picker);

  /** @param {(File | Attachment)[]} sources */
  function pick(sources) {
    write(note, sources.length + items.length > MOST ? say("most", { n: MOST }) : "");
    for (const source of sources.slice(0, MOST - items.length)) add(source);
    input.focus();
  }

  return {
    add: (sources) => (sources ? pick(sources) : picker.click()),
    take(then) {
      ready = undefined;
      if (then && items.some((item) => item.busy)) {
        ready = then;
        return null;
      }
      const taken = items.filter((item) => item.part || !then);
      taken.forEach(drop);
      return taken.flatMap((item) => item.part ?? []);
    },
    show(place, attachments) {
      for (const part of attachments) {
        if (!part.width) {
          place.append(file(part));
          continue;
        }
        const width = Math.min(SIDE, part.width, (SIDE * part.width) / part.height);
        const link = h("a", "picture");
        link.style.cssText = `width: ${width}px; aspect-ratio: ${part.width} / ${part.height}`;
        place.append(link);
        fill(link, part, width);
      }
    },
  };
}
