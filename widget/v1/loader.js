(() => {
  const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
  if (!script?.dataset.key) return console.error("svar: data-key is missing");
  const insert = () => {
    if (document.querySelector("svar-chat")) return; // pasted twice
    const chat = document.createElement("svar-chat");
    chat.lang = document.documentElement.lang;
    chat.setAttribute("base", new URL("../../", script.src).href);
    for (const { name, value } of script.attributes)
      if (/^data-/.test(name) && (value || name === "data-identity")) chat.setAttribute(name.slice(5), value);
    document.body.append(chat);
  };
  if (document.body) insert();
  else document.addEventListener("DOMContentLoaded", insert);
  import(new URL("svar-chat.js", script.src).href).catch(console.error);
})();
