/** The one style sheet: no fonts, no images, no script. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #fff; --ink: #1d1c1a; --soft: #6b6862; --line: #e3dfd8;
  --accent: #2f5d50; --accent-ink: #fff; --danger: #a1382c; --mark: #eef3f0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161614; --card: #1e1e1b; --ink: #ebe8e1; --soft: #9b978e; --line: #34332e;
    --accent: #8fc7b4; --accent-ink: #10201b; --danger: #ec8b7e; --mark: #232a27;
  }
}
* { box-sizing: border-box; }
html { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); }
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; align-items: center; gap: 1.25rem; min-height: 4rem; flex-wrap: wrap; }
header a { color: var(--soft); text-decoration: none; }
header a:hover, header button:hover { color: var(--ink); }
header .name { color: var(--ink); font-weight: 650; letter-spacing: -0.01em; margin-right: auto; }
header form { display: inline; }
main { padding-top: 1rem; padding-bottom: 4rem; }
main.narrow { max-width: 27rem; padding-top: 6vh; }
h1 { font-size: 1.6rem; line-height: 1.25; letter-spacing: -0.015em; margin: 0 0 0.5rem; text-wrap: balance; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 0.75rem; }
.card > h2:first-child, input[type="hidden"] + h2 { margin-top: 0; }
p { margin: 0 0 1rem; }
.soft { color: var(--soft); }
a { color: var(--accent); }
code, kbd { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.92em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.5rem; margin: 1.25rem 0; }
label { display: block; font-weight: 550; margin: 0 0 1rem; }
label small, fieldset small { display: block; font-weight: 400; color: var(--soft); }
input[type="text"], input[type="password"], input[type="date"], textarea, select {
  display: block; width: 100%; margin-top: 0.3rem; padding: 0.6rem 0.75rem; font: inherit; font-weight: 400; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
}
input:focus-visible, textarea:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
fieldset { border: 0; padding: 0; margin: 0 0 1rem; }
legend { font-weight: 550; padding: 0; }
fieldset label { font-weight: 400; margin: 0.35rem 0 0; }
button {
  font: inherit; font-weight: 600; padding: 0.6rem 1.1rem; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: var(--accent-ink);
}
button.plain { background: transparent; color: var(--ink); border-color: var(--line); }
button.quiet { background: none; border: 0; padding: 0; font-weight: 400; color: var(--soft); }
button.danger { background: none; border: 0; padding: 0; font-weight: 550; color: var(--danger); }
.row { display: flex; gap: 0.75rem; flex-wrap: wrap; }
.row > * { flex: 1; }
.code {
  font: 650 2rem/1.2 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: 0.12em; text-align: center;
  padding: 1rem; margin: 1rem 0; background: var(--mark); border-radius: 8px; user-select: all;
}
.token { display: block; overflow-wrap: anywhere; padding: 0.75rem 1rem; background: var(--mark); border-radius: 8px; user-select: all; }
.problem { border-left: 3px solid var(--danger); padding: 0.1rem 0 0.1rem 0.75rem; color: var(--danger); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.35rem 1.25rem; margin: 1rem 0 1.5rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 550; font-size: 0.85rem; color: var(--soft); }
th, td { padding: 0.65rem 1rem; border-bottom: 1px solid var(--line); vertical-align: baseline; }
tr:last-child td { border-bottom: 0; }
td:last-child { text-align: right; white-space: nowrap; }
td form { display: inline; margin-left: 1rem; }
.empty { padding: 2.5rem 1.5rem; text-align: center; color: var(--soft); background: var(--card); border: 1px dashed var(--line); border-radius: 12px; }
pre { overflow-x: auto; text-align: left; background: var(--mark); border-radius: 8px; padding: 0.9rem 1rem; margin: 1rem auto 0; max-width: 36rem; }
pre.wide { max-width: none; }
pre:empty { display: none; }
textarea { font: 0.92rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; resize: vertical; }
`;
