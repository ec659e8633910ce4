/** Where the panel covers the page. */
export const FULL_SCREEN = "(max-width: 479px), (max-height: 419px)";

const dark = `
  color-scheme: dark; --surface: #131716; --surface-raised: #1f2524; --text: #edf1ef; --text-quiet: #9ba8a4;
  --line: #313a38; --danger: #ff9a8c; --accent-text: var(--accent-dark);`;

export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { all: initial; }
.root {
  color-scheme: light; --surface: #fff; --surface-raised: #f3f4f2; --text: #17201e; --text-quiet: #5a6562;
  --line: #dfe3e1; --danger: #b3261e; --accent-text: var(--accent-light);
  font: 14px/1.5 system-ui, sans-serif; color: var(--text); direction: ltr;
}
@media (prefers-color-scheme: dark) { :host(:not([theme=light])) .root { ${dark} } }
:host([theme=dark]) .root { ${dark} }

* { box-sizing: border-box; margin: 0; padding: 0; }
[hidden] { display: none !important; }
button, input, textarea { font: inherit; color: inherit; background: none; }
button, .bubble { border: 1px solid #0000; } /* seen in forced colors */
.launcher, .avatar, .send, .mine .bubble { border: 1px solid #8884; }
button { border-radius: 18px; cursor: pointer; }
:disabled { opacity: .5; }
:has([aria-invalid]) > .footer > .counter { color: var(--danger); }
:focus-visible { outline: 2px solid var(--accent-text); outline-offset: 2px; }
svg { width: 24px; display: block; fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
h2, h3 { font-size: 16px; line-height: 1.25; font-weight: 600; }
a { color: var(--accent-text); }

.launcher, .panel { position: fixed; right: 24px; bottom: 24px; z-index: 2147483000; box-shadow: 0 8px 32px #0003; }
.launcher, .avatar, .send { display: grid; place-items: center; border-radius: 50%; background: var(--accent); color: var(--on-accent); }
.launcher { width: 56px; height: 56px; }
.launcher svg { width: 28px; }
[data-open] .launcher path { d: path("M6 9l6 6 6-6"); }
.badge {
  position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 6px; border-radius: 18px;
  font-size: 12px; line-height: 22px; background: #b3261e; color: #fff;
}
.panel {
  bottom: 96px; width: 380px; height: min(640px, 100dvh - 120px); display: flex; flex-direction: column;
  overflow: hidden; border-radius: 12px; background: var(--surface); animation: rise .16s ease-out;
}
@keyframes rise { from { opacity: 0; transform: translateY(8px); } }
.header { display: flex; align-items: center; gap: 12px; padding: 12px 16px; border-bottom: 1px solid var(--line); }
.header div { flex: 1; }
.avatar { width: 36px; height: 36px; font-weight: 600; }
.close { padding: 6px; margin-right: -6px; }
.close, .status, .link, .footer, .meta, .author, .day, .notice, .standing, .source div, .note, .quiet { font-size: 12px; color: var(--text-quiet); }
.link { padding: 4px 16px; text-align: center; background: var(--surface-raised); }

.log { flex: 1; position: relative; overflow-y: auto; overscroll-behavior: contain; overflow-anchor: none; padding: 16px 16px 8px; display: flex; flex-direction: column; }
.log:focus-visible, textarea:focus-visible, input:focus-visible { outline-offset: -2px; }
.greeting { margin-top: auto; }
.greeting h3 { font-size: 20px; }
.greeting p { font-size: 16px; color: var(--text-quiet); }
.greeting + .replies { flex-direction: column; align-items: start; }
.day, .standing { text-align: center; }
.standing { margin-top: 16px; }
:is(.day, .status)::first-letter { text-transform: uppercase; }
.notice { display: flex; align-items: center; gap: 12px; margin-top: 16px; text-align: center; }
.notice::before, .notice::after { content: ""; flex: 1 0 12px; border-top: 1px solid var(--line); }
.message { display: flex; flex-direction: column; align-items: start; margin-top: 2px; max-width: 85%; }
.first, .replies { margin-top: 12px; }
.mine { align-self: end; align-items: end; }
.author, .quiet, .meta, .sources { margin: 2px 12px; }
:not(.first) > .author { display: none; }
.mine .author { position: absolute; clip-path: inset(50%); }
.bubble { padding: 8px 14px; border-radius: 18px; background: var(--surface-raised); }
.bubble { white-space: pre-wrap; overflow-wrap: anywhere; max-width: 100%; }
.bubble:has(p, li) { white-space: normal; }
.message:not(.last) .bubble { border-bottom-left-radius: 6px; }
.mine .bubble { background: var(--accent); color: var(--on-accent); }
.mine:not(.last) .bubble { border-radius: 18px 18px 6px; }
.bubble :is(p, ul, ol, blockquote, h3, h4) + * { margin-top: 8px; }
.bubble :is(ul, ol, blockquote) { padding-left: 20px; }
.meta { font-variant-numeric: tabular-nums; }
.mine .meta { text-align: end; }
.meta .quiet { margin: 0 0 0 8px; }
.error { color: var(--danger) !important; }
.quiet { text-decoration: underline; text-align: start; }
.source { display: block; padding: 4px 12px; border-left: 2px solid var(--line); }
.replies { display: flex; flex-wrap: wrap; gap: 8px; position: sticky; bottom: 0; background: var(--surface); }
.replies:empty { display: none; }
.reply, .human, .email button { padding: 6px 14px; border: 1px solid; color: var(--accent-text); text-align: start; }
.dots { display: inline-flex; gap: 4px; }
.draft { margin-right: 8px; }
.dots i { width: 6px; height: 6px; margin: 5px 0; border-radius: 50%; background: var(--text-quiet); animation: beat 1.2s infinite; }
.dots i + i { animation-delay: .2s; }
.dots i + i + i { animation-delay: .4s; }
@keyframes beat { 30% { opacity: .3; } }
.email { display: flex; align-items: end; gap: 8px; margin-top: 16px; }
.email label { flex: 1; }
.note { margin-top: 8px; }

.composer { position: relative; margin: 8px 12px 0; }
textarea, .email input { display: block; width: 100%; padding: 8px 14px; border: 1px solid var(--line); border-radius: 18px; }
textarea { max-height: calc(7.5em + 18px); padding-right: 80px; resize: none; }
::placeholder { color: var(--text-quiet); opacity: 1; }
.attach, .send { position: absolute; right: 4px; bottom: 4px; width: 31px; height: 31px; }
.attach { right: 40px; padding: 5px; color: var(--text-quiet); }
.attach svg, .send svg { width: 20px; }
.footer { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 8px 16px 12px; }
.human { padding: 3px 10px; }
.counter { margin-left: auto; }

@media ${FULL_SCREEN} {
  .panel { inset: var(--top, 0) 0 auto; width: auto; height: var(--height, 100dvh); border-radius: 0; }
  [data-open] .launcher { display: none; }
  textarea, input { font-size: 16px !important; } /* below that, iOS zooms in */
}
@media (prefers-reduced-motion) { * { animation: none !important; } }
`);
