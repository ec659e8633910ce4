(() => {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!script?.dataset.key) return console.error("svar: data-key is missing");
  const insert = () => {
    if (document.querySelector("svar-chat")) return; // pasted twice
    const chat = document.createElement("svar-chat");
    const base = new URL("../../", script.src).href;
    const attributes = { base, lang: document.documentElement.lang, ...script.dataset };
    for (const [name, value] of Object.entries(attributes)) if (value) chat.setAttribute(name, value);
    document.body.append(chat);
  };
  if (document.body) insert();
  else document.addEventListener("DOMContentLoaded", insert);
  import(new URL("svar-chat.js", script.src).href).catch(console.error);
})();
