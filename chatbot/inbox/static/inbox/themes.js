// Light, dark or as the computer: on the page at once, and for early.js the next time.

const KEY = "svar.inbox.theme";

/** @param {Theme} theme */
export function showTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The server remembers it too; only the page to log in does not know.
  }
}
