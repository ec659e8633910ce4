// Puts the conversation's session where the widget looks for it, then loads the widget, open.
const { key, session, visitor } = document.currentScript.dataset;
try {
  const known = { token: session, visitor, named: false, renewAt: 0 };
  localStorage.setItem(`svar:${key}:session`, JSON.stringify(known));
  sessionStorage.setItem(`svar:${key}:open`, "true");
} catch {
  // Where the browser keeps nothing, a new chat begins.
}
const loader = document.createElement("script");
loader.src = "/widget/v1/loader.js";
loader.async = true;
loader.dataset.key = key;
// Of the script's own element: the loader reads its attributes.
document.body.append(loader);
