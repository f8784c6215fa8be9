/** The page's whole style: no font, picture or script from elsewhere; light or dark as the reader's system is; on paper always light. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fff; --panel: #f6f8fa; --line: #d8dee4; --faint: #eaeef2; --text: #1f2328; --soft: #59636e; --link: #0550ae;
  --passed: #116329; --failed: #b3121d; --other: #7d4e00; --passed-ground: #eef8f0; --failed-ground: #fdf0ef; --other-ground: #fcf5e4;
  --s0: #0a60c9; --s1: #a8540a; --s2: #8a2fb0; --s3: #10756b; --s4: #b01d63; --s5: #59636e; --muted: #8c959f; --band: #7fb2ee;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --panel: #161b22; --line: #30363d; --faint: #21262d; --text: #e6edf3; --soft: #9da7b3; --link: #79b8ff;
    --passed: #56d364; --failed: #ff8f87; --other: #e3b341; --passed-ground: #10201a; --failed-ground: #291517; --other-ground: #251e10;
    --s0: #5aa9ff; --s1: #f0a04b; --s2: #cf8bf0; --s3: #4cc7b8; --s4: #ff85b3; --s5: #9da7b3; --muted: #6e7681; --band: #2c66a8;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 70rem; padding: 2rem 1.25rem 4rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
.passed { --tone: var(--passed); --tone-ground: var(--passed-ground); }
.failed { --tone: var(--failed); --tone-ground: var(--failed-ground); }
.other, .missing, .cancelled { --tone: var(--other); --tone-ground: var(--other-ground); }
.skipped, .pending, .running { --tone: var(--soft); }
header { border-left: .375rem solid var(--tone); border-radius: .25rem; background: var(--tone-ground); padding: 1.125rem 1.25rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; color: var(--tone); letter-spacing: -.01em; }
h2 { margin: 2.75rem 0 .75rem; padding-bottom: .375rem; border-bottom: 1px solid var(--line); font-size: 1.1875rem; line-height: 1.3; letter-spacing: -.005em; }
h3 { margin: 1rem 0 .25rem; font-size: .875rem; }
p { margin: .5rem 0; }
.sentence { font-size: 1.125rem; max-width: 60rem; }
.soft { color: var(--soft); font-size: .875rem; }
header .soft { color: var(--text); }
.soft ul { display: flex; flex-wrap: wrap; gap: .125rem 1.25rem; margin: .625rem 0 0; padding: 0; list-style: none; }
a { color: var(--link); text-underline-offset: .15em; }
.diagnosis { margin: 1.25rem 0 0; padding: 1rem 1.25rem; background: var(--panel); border: 1px solid var(--line); border-radius: .375rem; }
.diagnosis h2 { margin: 0; padding: 0; border: 0; }
.diagnosis .soft { margin: 0 0 .75rem; }
pre { margin: .5rem 0 0; padding: .625rem .75rem; max-height: 24rem; overflow: auto; background: var(--ground); border: 1px solid var(--line); border-radius: .25rem;
  white-space: pre-wrap; font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
details { margin-top: .75rem; }
summary { cursor: pointer; color: var(--link); font-size: .875rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .75rem; margin: 0 0 1rem; }
.figures div { padding: .625rem .875rem; background: var(--panel); border: 1px solid var(--line); border-radius: .375rem; }
dt { color: var(--soft); font-size: .8125rem; }
dd { margin: 0; font-size: 1.375rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { position: relative; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { padding: .4375rem .75rem; border-bottom: 1px solid var(--faint); text-align: left; vertical-align: top; }
:is(th, td):first-child { padding-left: 0; }
:is(th, td):last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; overflow-wrap: normal; vertical-align: bottom; border-bottom-color: var(--line); }
tbody th { font-weight: 600; min-width: 6rem; max-width: 24rem; }
tbody tr:last-child > * { border-bottom: 0; }
td { min-width: 8rem; }
.dense :is(th, td) { padding-left: .375rem; padding-right: .375rem; }
.dense tbody th { min-width: 4rem; }
.compact { width: auto; }
.compact td { min-width: 0; }
.compact :is(th, td):not(:last-child) { padding-right: 2.5rem; }
.compact .mark { padding-right: .25rem !important; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; min-width: 0; }
.limit { font-size: .75rem; font-weight: 400; color: var(--soft); }
.limit > :first-child, .limit.failed, .limit.missing { color: var(--tone); }
.limit.failed, .limit.missing { font-weight: 600; }
.mark { width: 1.5rem; min-width: 0; padding-right: .25rem; font-weight: 700; white-space: nowrap; color: var(--tone); }
.mark.failed ~ th { color: var(--failed); }
.total > * { border-top: 2px solid var(--line); font-weight: 600; }
.names { width: auto; }
.names th { white-space: nowrap; }
.detail { font-weight: 400; }
.note { color: var(--soft); font-size: .8125rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem 2rem; }
figure { margin: 0 0 1rem; min-width: 0; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; font-size: .875rem; font-weight: 600; }
.keys { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0; padding: 0; list-style: none; font-weight: 400; color: var(--soft); }
.key { width: 24px; height: 12px; margin-right: .375em; vertical-align: middle; }
.chart { display: block; width: 100%; height: 168px; padding: 10px 4px 26px 64px; overflow: visible; }
svg svg { overflow: visible; }
svg text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
svg line { stroke: var(--faint); }
svg path { fill: none; stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.s0 { stroke: var(--s0); } .s1 { stroke: var(--s1); stroke-dasharray: 7 4; } .s2 { stroke: var(--s2); stroke-dasharray: 2 4; }
.s3 { stroke: var(--s3); stroke-dasharray: 10 3 2 3; } .s4 { stroke: var(--s4); stroke-dasharray: 4 3; } .s5 { stroke: var(--s5); stroke-dasharray: 12 4; }
figure.errors { --s0: var(--failed); }
svg path.fill { stroke: none; fill: var(--s0); fill-opacity: .14; }
.picture { min-width: 11rem; width: 40%; padding-top: .25rem; padding-bottom: .25rem; }
.strip { display: block; width: 100%; height: 24px; overflow: visible; }
.strip .range { stroke: var(--muted); stroke-width: 1.5; }
.strip .middle { stroke: var(--band); stroke-width: 8; }
.strip .median { stroke: var(--text); stroke-width: 2; }
.strip .tail { fill: var(--s1); stroke: var(--ground); }
.strip rect { fill: var(--tone); }
.strip .passed { fill: var(--s0); }
.strip .cancelled, .strip .running { fill: var(--tone-ground, none); stroke: var(--tone); stroke-dasharray: 3 2; }
.meter { display: block; width: 4.5rem; height: 4px; margin: .25rem 0 .125rem auto; background: var(--line); border-radius: 2px; }
.meter rect { fill: var(--s0); }
.meter .some { fill: var(--s1); }
.meter .high { fill: var(--failed); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media (max-width: 40rem) {
  body { padding: 1rem 1rem 3rem; }
  header { padding: .875rem 1rem; }
  h1 { font-size: 1.375rem; }
  .sentence { font-size: 1rem; }
  .figures { grid-template-columns: repeat(auto-fit, minmax(5.5rem, 1fr)); gap: .5rem; }
  .figures div { padding: .5rem .625rem; }
  dd { font-size: 1.125rem; }
  th, td { padding-left: .5rem; padding-right: .5rem; }
  thead :is(th, .number) { white-space: normal; }
  .picture text:not(:first-child, :last-child) { display: none; }
  .picture { min-width: 8rem; }
  .compact :is(th, td):not(:last-child) { padding-right: 1rem; }
  .stages .picture { min-width: 4.5rem; }
  .stages :is(th, td) { padding-left: .25rem; padding-right: .25rem; }
  .stages tbody th { overflow-wrap: break-word; }
}
@media print {
  @page { margin: 14mm 12mm; }
  :root { color-scheme: light; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: .8125rem; }
  h2, h3, summary { break-after: avoid; }
  tr, figure, .figures { break-inside: avoid; }
  table { font-size: .6875rem; }
  th, td { padding: .25rem .375rem; min-width: 0; }
  thead :is(th, .number) { white-space: normal; }
  tbody th, .dense tbody th { min-width: 3rem; }
  .dense { font-size: .625rem; }
  .dense :is(th, td) { padding-left: .1875rem; padding-right: .1875rem; }
  .picture { min-width: 6rem; width: auto; }
  .figures { grid-template-columns: repeat(6, 1fr); gap: .375rem; }
  dd { font-size: 1rem; }
  .charts { grid-template-columns: 1fr 1fr; gap: .5rem 1.25rem; }
  .scroll, pre { overflow: visible; max-height: none; }
  thead { display: table-header-group; }
  details::details-content { content-visibility: visible; height: auto; }
}
`
