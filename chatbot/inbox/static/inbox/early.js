// Runs before the first paint, so that a folded pane doesn't show and jump away, and nothing flashes.
try {
  if (localStorage.getItem("svar.inbox.person-folded") === "yes") {
    document.documentElement.dataset.person = "folded";
  }
  // The inbox says itself which theme its agent chose; the page to log in does not know yet.
  if (!document.documentElement.dataset.theme) {
    document.documentElement.dataset.theme = localStorage.getItem("svar.inbox.theme") ?? "system";
  }
} catch {
  // Storage is forbidden: the pane stays open, and the theme is the computer's.
}
