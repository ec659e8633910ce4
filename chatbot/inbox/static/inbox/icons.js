// Line icons on a 16 px grid, drawn here so that they take the text's colour.

const SVG = "http://www.w3.org/2000/svg";

/** @type {Record<string, string[]>} */
const PATHS = {
  website: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z", "M2 8h12", "M8 2c4 3.6 4 8.4 0 12", "M8 2c-4 3.6-4 8.4 0 12"],
  email: ["M2 4h12v8.5H2Z", "m2.3 4.5 5.7 4.3 5.7-4.3"],
  telegram: ["M14 2.5 2 7.3l4 1.7 1.7 4.5 2-2.7 3 1.9Z", "m6 9 5-3.7"],
  slack: ["M6.3 2.5 4.8 13.5", "M11.2 2.5 9.7 13.5", "M2.7 5.8h11", "M2.3 10.2h11"],
  http: ["m5.3 4.5-3.3 3.5 3.3 3.5", "m10.7 4.5 3.3 3.5-3.3 3.5"],
  clip: ["m13 7.3-5 5a3 3 0 0 1-4.3-4.2l5.3-5.3a2 2 0 0 1 2.8 2.9l-5.2 5.1a1 1 0 0 1-1.4-1.4l4.6-4.6"],
  file: ["M4 2h5l3 3v9H4Z", "M9 2v3h3"],
  audio: ["M8 2.3a2 2 0 0 0-2 2v3.2a2 2 0 0 0 4 0V4.3a2 2 0 0 0-2-2Z", "M3.8 7.5a4.2 4.2 0 0 0 8.4 0", "M8 11.7v2.1"],
  place: ["M8 14s4.5-4.2 4.5-7.6a4.5 4.5 0 0 0-9 0C3.5 9.8 8 14 8 14Z", "M8 5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Z"],
  moon: ["M12.8 9.6A5.2 5.2 0 0 1 6.4 3.2a5.2 5.2 0 1 0 6.4 6.4Z"],
  reply: ["m6.5 4-4 4 4 4", "M2.8 8H10a3.5 3.5 0 0 1 3.5 3.5v1"],
  merged: ["M4 2.5v3c0 2.5 4 2.5 4 5v3", "M12 2.5v3c0 2.5-4 2.5-4 5", "m5.8 11.3 2.2 2.2 2.2-2.2"],
  arrived: ["m1.5 8.5 3 3L10.3 5", "m8 11 .5.5L14.3 5"],
  blocked: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z", "m3.8 3.8 8.4 8.4"],
  channel: ["M2.5 3h11v8h-6L4.5 13.5V11h-2Z"],
  clock: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z", "M8 4.8V8l2.2 1.5"],
  late: ["M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z", "M8 5v3.5", "M8 10.9v.1"],
  lock: ["M3.5 7h9v6.5h-9Z", "M5.5 7V5a2.5 2.5 0 0 1 5 0v2"],
  check: ["m3 8.5 3.2 3.2L13 4.8"],
  fold: ["m4.5 6.3 3.5 3.5 3.5-3.5"],
  down: ["M8 3v10", "m4 9 4 4 4-4"],
  back: ["M13 8H3", "m7 4-4 4 4 4"],
  person: ["M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2Z", "M3 13.5c.4-2.7 2.3-4 5-4s4.6 1.3 5 4"],
  close: ["m4 4 8 8", "m12 4-8 8"],
  bot: ["M3 6.5h10v6.5H3Z", "M8 6.5V3.5", "M6 9.3v.6", "M10 9.3v.6"],
  pencil: ["m3 13 .6-2.8 7-7 2.2 2.2-7 7Z"],
  high: ["M8 13V4", "m4 7.5 4-4 4 4"],
  urgent: ["M8 2.5 14.3 13.5H1.7Z", "M8 6.6v3.2", "M8 11.6v.1"],
  vip: ["m8 2.3 1.7 3.6 3.9.5-2.9 2.7.8 3.9L8 11.1 4.5 13l.8-3.9-2.9-2.7 3.9-.5Z"],
  taken: ["M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2Z", "M3 13.5c.4-2.7 2.3-4 5-4", "m9.5 11.8 1.6 1.6 3-3.4"],
};

/**
 * A decorative icon: what it means must stand beside it or in a label.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const d of PATHS[name] ?? PATHS.channel) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
