// What came with a message: pictures to look at, everything else to download, and places.

import { h } from "../dom.js";
import { icon } from "../icons.js";
import { fileSize } from "../time.js";

const SIDE = 240; // px, of a picture

/** @param {Message} message */
export function buildPictures({ attachments }) {
  const pictures = attachments.filter(isShown);
  return pictures.length > 0 && h("div", { class: "pictures" }, ...pictures.map(picture));
}

/** @param {Message} message */
export function buildFiles({ attachments }) {
  const others = attachments.filter((attachment) => !isShown(attachment));
  return others.length > 0 && h("ul", { class: "files", "aria-label": gettext("Files") },
    ...others.map((each) => h("li", {}, each.place ? place(each) : file(each))));
}

/** A mail's own pictures stand in it; beside it, as the files that they are too, they would only be in the way. @param {Attachment} attachment */
function isShown({ width, url, inline }) {
  return width > 0 && url !== "" && !inline;
}

/** @param {Attachment} attachment */
function picture({ id, name, url, width, height }) {
  const shownWidth = Math.round(Math.min(SIDE, width, (SIDE * width) / height));
  const shownHeight = Math.round((shownWidth * height) / width);
  const label = interpolate(gettext("Open %(name)s in a new tab"), { name }, true);
  // The size is known before the picture is, so nothing moves when it comes.
  return h("a", { href: url, "data-picture": id, target: "_blank", rel: "noopener", "aria-label": label, "data-tip": name },
    h("img", { src: url, width: shownWidth, height: shownHeight, alt: "", loading: "lazy", decoding: "async" }));
}

/** @param {Attachment} attachment */
function file(attachment) {
  const { name, url, size, state, error, content_type } = attachment;
  const symbol = icon(/^audio\//.test(content_type) ? "audio" : "file");
  const label = h("span", { class: "file-name", dir: "auto" }, name);
  if (url) {
    const spoken = interpolate(gettext("Download %(name)s"), { name }, true);
    return h("a", { class: "file", href: url, download: name, "aria-label": spoken, "data-tip": spoken },
      symbol, label, h("span", { class: "file-size figures" }, fileSize(size)));
  }
  const words = state === "waiting" ? gettext("is being fetched") : [gettext("could not be fetched"), error].filter(Boolean).join(": ");
  return h("span", { class: "file", "data-state": state }, symbol, label, h("span", { class: "file-size" }, words));
}

/** @param {Attachment} attachment */
function place({ name, place }) {
  const { latitude, longitude } = /** @type {NonNullable<Attachment["place"]>} */ (place);
  const point = `${latitude.toFixed(5)}/${longitude.toFixed(5)}`;
  const href = `https://www.openstreetmap.org/?mlat=${latitude.toFixed(5)}&mlon=${longitude.toFixed(5)}#map=16/${point}`;
  const label = interpolate(gettext("Show %(name)s on OpenStreetMap, in a new tab"), { name }, true);
  return h("a", { class: "file", href, target: "_blank", rel: "noopener noreferrer", "aria-label": label, "data-tip": label },
    icon("place"), h("span", { class: "file-name", dir: "auto" }, name));
}
