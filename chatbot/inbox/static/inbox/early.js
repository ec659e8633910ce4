// Runs before the first paint, so that a folded pane doesn't show and jump away.
try {
  if (localStorage.getItem("svar.inbox.person-folded") === "yes") {
    document.documentElement.dataset.person = "folded";
  }
} catch {
  // Storage is forbidden: the pane stays open.
}
