// Keys for what has a button or a link anyway: all pages work without this.
const typing = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

for (const form of document.querySelectorAll("form[data-submits]")) {
  form.addEventListener("change", () => form.requestSubmit());
  form.querySelector("button")?.remove();
}

const field = document.querySelector("[data-focus]");
if (field instanceof HTMLInputElement && !field.value) field.focus();

let done = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
  if (event.key === "/" && field instanceof HTMLInputElement) {
    event.preventDefault();
    field.focus();
    field.select();
    return;
  }
  for (const target of document.querySelectorAll("[data-key]")) {
    const keys = target.getAttribute("data-key")?.split(" ") ?? [];
    if (!done && keys.some((key) => key.toLowerCase() === event.key.toLowerCase())) {
      done = true; // a second press must not judge the next question unseen
      event.preventDefault();
      target.click();
      return;
    }
  }
});
// A page that comes back from the browser's memory takes keys again.
window.addEventListener("pageshow", () => { done = false; });
