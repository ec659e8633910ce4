// Keeps the composer above a phone's keyboard, where the browser doesn't resize the page itself.

export function followKeyboard() {
  const view = window.visualViewport;
  if (!view) return;
  const root = document.documentElement;

  function fit() {
    // Somebody who has zoomed in sees less too, and no keyboard.
    const covered = view !== null && view.scale < 1.01 && view.height < innerHeight - 1;
    if (covered) root.style.setProperty("--shown", `${view.height}px`);
    else root.style.removeProperty("--shown");
    if (covered) window.scrollTo(0, 0);
  }

  view.addEventListener("resize", fit);
}
