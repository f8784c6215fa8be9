/** The page's whole style: no font, picture or script from elsewhere; light or dark as the reader's system is; on paper always light. */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #fff; --panel: #f6f8fa; --line: #d8dee4; --text: #1f2328; --soft: #59636e; --link: #0550ae;
  --passed: #116329; --failed: #b3121d; --other: #7d4e00;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --panel: #161b22; --line: #30363d; --text: #e6edf3; --soft: #9da7b3; --link: #79b8ff;
    --passed: #56d364; --failed: #ff8f87; --other: #e3b341;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 3rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: break-word; }
header { border-left: .375rem solid var(--tone); padding-left: 1rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; color: var(--tone); }
h2 { margin: 2.25rem 0 .5rem; font-size: 1.125rem; }
p { margin: .5rem 0; }
.sentence { font-size: 1.125rem; }
.soft { color: var(--soft); font-size: .875rem; }
.soft li { display: inline; }
.soft li + li::before { content: "·"; margin: 0 .5em; }
.soft ul { margin: 0; padding: 0; list-style: none; }
a { color: var(--link); }
.remedy { margin: 1.25rem 0; padding: .75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: .375rem; }
pre { margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
summary { cursor: pointer; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { padding: .375rem .75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
:is(th, td):first-child { padding-left: 0; }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: 600; }
td { overflow-wrap: anywhere; min-width: 8rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; min-width: 0; }
.mark { width: 1px; min-width: 0; padding-right: 0; font-weight: 700; white-space: nowrap; }
.mark.passed { color: var(--passed); }
.mark.failed { color: var(--failed); }
.mark.missing, .mark.cancelled { color: var(--other); }
.mark.skipped, .mark.pending, .mark.running { color: var(--soft); }
.mark.failed ~ th { color: var(--failed); }
.total > * { border-top: 2px solid var(--line); font-weight: 600; }
.names { width: auto; }
.names th { white-space: nowrap; }
.detail { font-weight: 400; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: .875rem; }
figure { margin: .75rem 0; }
figcaption { color: var(--soft); font-size: .875rem; }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.chart line { stroke: var(--line); }
.chart polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round; }
.chart .first, .first > b { stroke: var(--link); color: var(--link); }
.chart .second, .second > b { stroke: var(--other); color: var(--other); }
.chart .third, .third > b { stroke: var(--failed); color: var(--failed); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: .875rem; }
  h2 { break-after: avoid; }
  tr, .remedy { break-inside: avoid; }
  .scroll { overflow: visible; }
  thead { display: table-header-group; }
  details::details-content { content-visibility: visible; height: auto; }
}
`
