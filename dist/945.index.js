const Me=945,ke=[945,9924],xe={81320:((K,F,m)=>{m.d(F,{j:()=>v,upsertComment:()=>o});var y=m(61351),E=m(74995),w=m(88417),k=m(80978),g=m(77114);const v=65536;function f(t){return`<!-- mlops-pipeline-action ${(0,g.BC)(t)} -->`}async function o(t,i,p){try{return await(0,k.N)(r,p,u=>a(t,i,u))}catch(u){return{notice:h(u)}}}const r=3e4;async function a({token:t,repository:i,pullRequest:p,key:u},D,j){const[W="",H=""]=i.split("/"),A=(0,y.Q)(t),X=f(u),Z=`${X}
${D}`,z={signal:j},V=async()=>{const[T,ee]=await Promise.all([s(A,j),A.paginate(A.rest.issues.listComments,{owner:W,repo:H,issue_number:p,per_page:100,request:z})]),q=ee.find(J=>J.body?.startsWith(X)&&c(J.user?.login,T)),{data:ne}=q?await A.rest.issues.updateComment({owner:W,repo:H,comment_id:q.id,body:Z,request:z}):await A.rest.issues.createComment({owner:W,repo:H,issue_number:p,body:Z,request:z});return{url:ne.html_url}};return await(0,E.Ay)(V,{retries:3,minTimeout:500,maxTimeout:5e3,maxRetryTime:2e4,randomize:!0,signal:j,shouldRetry:({error:T})=>P(T)})}async function s(t,i){const{viewer:p}=await t.graphql("query { viewer { login } }",{request:{signal:i}});return p.login}function c(t,i){const p=u=>u.toLowerCase().replace(/\[bot\]$/,"");return t!==void 0&&p(t)===p(i)}function M(t){const{status:i}=t;return typeof i=="number"?i:void 0}function P(t){const i=M(t);return i===void 0||i>=500||i===429||i===404||$(t)}function $(t){return t instanceof Error&&/rate limit/i.test(t.message)}function h(t){const i=(0,w.bD)(t);if($(t))return`No comment: ${i}`;switch(M(t)){case 401:return`No comment: GitHub does not accept github-token (${i}).`;case 403:return`No comment: the token may only read (${i}). Give the job "permissions: pull-requests: write"; a pull request from a fork or Dependabot never gets more.`;default:return`No comment: ${i}`}}}),2638:((K,F,m)=>{m.d(F,{Fl:()=>v,U6:()=>w,_V:()=>f,l7:()=>y,tW:()=>E});function y(r){const a=r.service===null?"":`${r.service}: `,s=r.value===null?"has no value":`is ${w(r)}`;return`${a}${r.metric} ${s}, the gate is ${E(r)}`}function E({operator:r,limit:a,unit:s}){return`${r} ${v(a,s,k)}`}function w({value:r,limit:a,unit:s}){if(r===null)return"not measured";const c=v(a,s,k);for(let M=g;M<k&&r!==a;M+=1){const P=v(r,s,M);if(P!==c&&P!==v(a,s,M))return P}return v(r,s,k)}const k=12,g=3;function v(r,a,s=g){switch(a){case"ms":return f(r,s);case"ratio":return`${o(r*100,s)}%`;case"count":return r.toLocaleString("en-US");case"number":return o(r,s);case"per-second":return`${o(r,s)}/s`}}function f(r,a=g){return r>=1e3?`${o(r/1e3,a)} s`:`${o(r,a)} ms`}function o(r,a){const s=Math.max(1,Math.floor(Math.log10(Math.max(1,Math.abs(r))))+1);return Number(r.toPrecision(Math.max(a,s))).toLocaleString("en-US",{maximumSignificantDigits:21})}}),80945:((K,F,m)=>{m.r(F),m.d(F,{publishReport:()=>ye,writeReport:()=>le});var y=m(51455),E=m(76760),w=m(81320),k=m(88417),g=m(2638),v=m(50192),f=m(9924);function o(e,...n){return{markup:e.reduce((l,d,b)=>`${l}${a(n[b-1]??"")}${d}`)}}const r={markup:""};function a(e){return typeof e=="string"?(0,f.ZD)(e):"markup"in e?e.markup:e.map(({markup:n})=>n).join("")}const s=[{title:"Requests per second",format:e=>(0,g.Fl)(e,"per-second"),series:[{name:"rate",of:({requestsPerSecond:e})=>e},{name:"errors",of:({errorsPerSecond:e})=>e}]},{title:"Latency",format:e=>(0,g._V)(e),series:[{name:"p50",of:({p50Ms:e})=>e},{name:"p95",of:({p95Ms:e})=>e},{name:"p99",of:({p99Ms:e})=>e}]}],c={width:1e3,height:140,left:76,top:10,bottom:22},M=400;function P(e){const n=(0,v.E)(e,M);return o`${s.map(l=>$(l,n))}`}function $({title:e,format:n,series:l},d){const b=l.flatMap(({of:R})=>d.map(R)).filter(R=>R!==null);if(b.length===0)return r;const _=Math.max(...b),C=d.at(-1)?.atMs??0,S=c.height-c.bottom,O=R=>c.left+(C>0?R/C*(c.width-c.left):0),x=R=>S-(_>0?R/_*(S-c.top):0),U=R=>o`<line x1="${String(c.left)}" x2="${String(c.width)}" y1="${t(x(R))}" y2="${t(x(R))}"></line>
<text x="${String(c.left-8)}" y="${t(x(R)+4)}" text-anchor="end">${n(R)}</text>`,B=["first","second","third"],L=l.flatMap(({of:R},Q)=>h(d,R).map(re=>{const Y=re.map(te=>`${t(O(te.atMs))},${t(x(R(te)??0))}`);return o`<polyline class="${B[Q]??""}" points="${[...Y,...Y.length===1?Y:[]].join(" ")}"></polyline>\n`})),I=l.map(({name:R},Q)=>o` <span class="${B[Q]??""}"><b aria-hidden="true">—</b> ${R}</span>`);return o`<figure>
<figcaption>${e}:${I}</figcaption>
<svg class="chart" viewBox="0 0 ${String(c.width)} ${String(c.height)}" role="img" aria-label="${e} over time, at most ${n(_)}">
${U(0)}
${U(_)}
<text x="${String(c.left)}" y="${String(c.height-4)}">0 s</text>
<text x="${String(c.width)}" y="${String(c.height-4)}" text-anchor="end">${String(Math.round(C/1e3))} s</text>
${L}</svg>
</figure>\n`}function h(e,n){const l=[[]];for(const d of e)n(d)===null?l.push([]):l.at(-1)?.push(d);return l.filter(d=>d.length>0)}function t(e){return String(Number(e.toFixed(1)))}var i=m(2251);const p=`
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
.soft li + li::before { content: "\xB7"; margin: 0 .5em; }
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
`;var u=m(51185),D=m(87279),j=m(57442);const W={passed:"passed",failed:"failed",invalid:"other",inconclusive:"other",cancelled:"other"},H={pending:"\xB7",running:"\u2026",passed:"\u2713",failed:"\u2717",missing:"?",skipped:"\u2013",cancelled:"\u2013"},A={"dashboard.html":"k6\u2019s own dashboard: the load over time","k6.log":"k6\u2019s log",services:"what the local services and their proxy said",evidence:"the nodes\u2019 logs, pods, events and descriptions at the end of the run","report.json":"all numbers, for programs","report.md":"this report as Markdown"};function X(e){const n={wide:!0};return o`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${[(0,i.Qw)(e),e.context.repository].filter(Boolean).join(" \u2013 ")}</title>
<style>${{markup:p}}</style>
</head>
<body>
${Z(e)}
<main>
${z(e)}
${T("Load",(0,u.GI)(e,n))}
${T("Gates",(0,j.vF)(e))}
${q(e.load?.notes??[])}
${T("More numbers",(0,u.Rd)(e,n))}
${T("Distribution of latency",(0,u.lA)(e))}
${ne(e)}
${T("Pods under load",(0,D.i)(e))}
${q([e.load?.resources?.note??[]].flat())}
${T("Health",(0,j._p)(e))}
${T("Stages",(0,j.ww)(e))}
${T("Infrastructure",(0,j.Gr)(e))}
${V(`Warnings (${e.warnings.length})`,J(e.warnings.map(d=>o`${d}`)))}
${V("Files",J(de(e)))}
</main>
</body>
</html>
`.markup.replace(/\n{2,}/g,`
`)}function Z(e){const{context:n,startedAt:l,durationMs:d}=e,b=[n.repository&&o`${n.repository}`,n.workflow&&o`${[n.workflow,n.job].filter(Boolean).join(", ")}`,n.pullRequest!==null&&o`pull request ${String(n.pullRequest)}`,me(e),se(n.runUrl,"run"),o`started <time datetime="${l}">${l.slice(0,16).replace("T"," ")} UTC</time>`,o`${d===null?"not finished":`took ${(0,j.Xo)(d)}`}`].filter(_=>_!==null&&_!==!1&&_!=="");return o`<header style="--tone: var(--${W[e.verdict]})">
<h1>${(0,i.Qw)(e)}</h1>
<p class="sentence">${(0,i.x7)(e)}</p>
<div class="soft">${J(b)}</div>
</header>`}function z(e){const n=(0,i.fx)(e);if(!n||!n.remedy&&n.causes.length===0)return r;const l=n.remedy?o`<p><strong>What to do:</strong> ${n.remedy}</p>`:r,d=n.causes.length>0?o`<details open><summary>Caused by</summary><pre>${n.causes.join(`
`)}</pre></details>`:r;return o`<div class="remedy">${l}${d}</div>`}function V(e,n){return n===r?r:o`<section>\n<h2>${e}</h2>\n${n}\n</section>`}function T(e,n){return V(e,n?ee(e,n):r)}function ee(e,n){return o`<div class="scroll" role="region" aria-label="${e}" tabindex="0">${ce(n)}</div>`}function q(e){return e.length===0?r:o`${e.map(n=>o`<p class="note">${n}</p>`)}`}function ne(e){const n=(0,u.w0)(e);return!e.load?.timeline||n===null?r:V("Over time",o`${P(e.load.timeline)}\n<details><summary>In numbers</summary>${ee("Over time",n)}</details>`)}function J(e){return e.length===0?r:o`<ul>${e.map(n=>o`<li>${n}</li>`)}</ul>`}function ce(e){const{head:n,rows:l,numbersFrom:d=n.length}=e,b=l.some(({mark:x})=>x!==void 0),_=n.some(x=>x!==""),C=n.map((x,U)=>U>=d?o`<th scope="col" class="number">${x}</th>`:o`<th scope="col">${x}</th>`),S=b?o`<th scope="col" class="mark"><span class="hidden">Status</span></th>`:r,O=l.map(({mark:x,cells:U,detail:B,total:L})=>{const[I="",...R]=U,Q=o`<th scope="row">${I}${B===void 0?r:o`<div class="detail">${B}</div>`}</th>`,re=R.map((Y,te)=>te+1>=d?o`<td class="number">${Y}</td>`:o`<td>${Y}</td>`);return o`<tr${L?o` class="total"`:r}>${x===void 0?r:ue(x)}${Q}${re}</tr>\n`});return o`<table${_?r:o` class="names"`}>
${_?o`<thead><tr>${S}${C}</tr></thead>`:r}
<tbody>
${O}</tbody>
</table>`}function ue(e){return o`<td class="mark ${e}"><span aria-hidden="true">${H[e]}</span><span class="hidden">${e}</span></td>`}function de({files:e}){const n=new Set([...e,"report.json","report.md"]);return n.delete("report.html"),[...n].map(l=>{const d=A[l];return o`<a href="./${encodeURIComponent(l.toWellFormed())}">${l}</a>${d===void 0?"":`: ${d}`}`})}function me({context:{sha:e,repository:n,runUrl:l}}){if(!e)return null;const d=`commit ${e.slice(0,7)}`,b=`/${n}/commit/${e}`;return n&&l&&URL.canParse(b,l)&&se(new URL(b,l).href,d)||o`${d}`}function se(e,n){return e!==null&&/^https?:\/\//i.test(e)?o`<a href="${e}">${n}</a>`:null}function ie(e,n,l){if(l(e)<=n)return e;const d=`

> Shortened to GitHub\u2019s size limit; the artifact has it all.
`;let b=e.trimEnd().split(`
`);for(const[C,S]of fe(b)){b=[...b.slice(0,C),"",...b.slice(S+1)];const O=b.join(`
`);if(l(O+d)<=n)return O+d}let _=b.join(`
`);for(;l(_+d)>n&&_.length>0;)_=he(_.slice(0,Math.floor(_.length*.9)));return _+d}function fe(e){const n=[];let l=null,d=0,b=0;for(const[_,C]of e.entries()){const S=/^`{3,}/.exec(C)?.[0];l!==null?S&&S.length>=l.length&&C.trim()===S&&(l=null):S?l=S:C.startsWith("<details>")?(d===0&&(b=_),d+=1):C.startsWith("</details>")&&d>0&&(d-=1,d===0&&n.unshift([b,_]))}return n}function he(e){return e.isWellFormed()?e:e.slice(0,-1)}const pe={passed:"\u2705",failed:"\u274C",invalid:"\u26A0\uFE0F",inconclusive:"\u2754",cancelled:"\u23F9\uFE0F"},ge={pending:"\xB7",running:"\u23F3",passed:"\u2705",failed:"\u274C",missing:"\u2754",skipped:"\u2013",cancelled:"\u23F9\uFE0F"};function ae(e,n){return`${[$e(e),be(e),N((0,u.GI)(e)),N((0,j.vF)(e)),oe(e.load?.notes??[]),G("More numbers",N((0,u.Rd)(e))),G("Distribution of latency",N((0,u.lA)(e))),G("Over time",N((0,u.w0)(e))),G("Pods under load",[N((0,D.i)(e)),oe([e.load?.resources?.note??[]].flat())].filter(Boolean).join(`

`)),G("Health",N((0,j._p)(e))),G("Infrastructure",N((0,j.Gr)(e))),G(`Stages (${(0,j.Xo)(e.durationMs)})`,N((0,j.ww)(e))),G(`Warnings (${e.warnings.length})`,e.warnings.map(d=>`- ${(0,f.FV)(d)}`).join(`
`)),we(e,n)].filter(Boolean).join(`

`)}
`}function $e(e){return`### ${pe[e.verdict]} ${(0,f.FV)((0,i.Qw)(e))}

${(0,f.FV)((0,i.x7)(e))}`}function be(e){const n=(0,i.fx)(e);if(!n)return"";const{remedy:l,causes:d}=n,b=d.length>0?`

<details><summary>Caused by</summary>

${(0,f.fenced)(d.join(`
`).slice(0,4e3))}

</details>`:"";return`${l?`**What to do:** ${(0,f.FV)(l)}`:""}${b}`.trim()}function oe(e){return e.map(n=>`> ${(0,f.FV)(n)}`).join(`
>
`)}function we({context:e,files:n},{artifact:l,notes:d=[]}){const b=[e.runUrl?`[run](${e.runUrl})`:"",l?`[artifact](${l})${n.length>0?` with ${n.map(_=>`\`${_}\``).join(", ")}`:""}`:"",e.sha?`commit ${e.sha.slice(0,7)}`:""].filter(Boolean);return[...d.map(_=>oe([_])),b.length>0?`<sub>${b.join(" \xB7 ")}</sub>`:""].filter(Boolean).join(`

`)}function N(e){if(e===null)return"";const{head:n,rows:l,numbersFrom:d=n.length}=e,b=l.some(({mark:S})=>S!==void 0),_=S=>`| ${S.join(" | ")} |`,C=n.map((S,O)=>O>=d?"--:":":--");return[_(b?["",...n]:n),_(b?[":--",...C]:C),...l.map(({mark:S,cells:O,detail:x,total:U})=>{const[B="",...L]=O.map(R=>(0,f.FV)(R).replaceAll("\xA0","&nbsp;")),I=`${U?`**${B}**`:B}${x?`<br>${(0,f.FV)(x)}`:""}`;return _([...b?[S?ge[S]:""]:[],I,...L])})].join(`
`)}function G(e,n){return n===""?"":`<details><summary>${e}</summary>

${n}

</details>`}const ve=1024*1024,_e=200;async function le(e,n){await(0,y.mkdir)(n,{recursive:!0});const l=(0,E.join)(n,"report.json");return await(0,y.writeFile)(l,`${JSON.stringify(e,null,2)}
`),await(0,y.writeFile)((0,E.join)(n,"report.md"),ae(e,{artifact:null})),await(0,y.writeFile)((0,E.join)(n,"report.html"),X(e)),{json:l}}async function ye(e,n,l){const d=[],b=async(I,R)=>{try{return await R()}catch(Q){return l.notice(`No ${I}: ${(0,k.bD)(Q)}`),null}},_=await b("report file",()=>le(e,n)),{artifact:C,summary:S,comment:O}=l,x=C&&await b("artifact",()=>C(n));x&&"notice"in x&&(l.notice(x.notice),d.push(x.notice));const U={artifact:x&&"url"in x?x.url:null,notes:d},B=ae(e,U),[,L]=await Promise.all([S&&b("job summary",()=>S(ie(B,ve,I=>Buffer.byteLength(I)))),O&&b("comment",()=>O(ie(B,w.j-_e,I=>I.length)))]);return L&&"notice"in L&&l.notice(L.notice),{report:_?.json??"",links:{...U,comment:L&&"url"in L?L.url:null}}}}),9924:((K,F,m)=>{m.d(F,{FV:()=>y,ZD:()=>E,fenced:()=>k,h0:()=>w});function y(g){return g.replace(/[\r\n\t\p{Cc}]+/gu," ").replace(/&/g,"&amp;").replace(/</g,"&lt;").replace(/>/g,"&gt;").replace(/[\\`*_{}[\]|~#!]/g,"\\$&").replace(/(?<!\w)@(?=\w)|@(?=[\w-]*\.)/g,"@\u200B").replace(/#(?=\d)/g,"#\u200B").replace(/\b(GH)-(?=\d)/gi,"$1\u200B-").replace(/\b(www)\.(?=\w)/gi,"$1\u200B.").replace(/:\/\//g,"&#58;//").trim()}function E(g){const v={"&":"&amp;","<":"&lt;",">":"&gt;",'"':"&quot;","'":"&#39;"};return g.toWellFormed().replace(/\r\n?/g,`
`).replace(/[^\P{Cc}\n]+/gu," ").replace(/[&<>"']/g,f=>v[f]??"")}function w(g){return g.replace(/[\p{Cc}\u2028\u2029]+/gu," ").replace(/##\[/g,"# #[").replace(/^\s*::/,": :")}function k(g){const v=Math.max(2,...[...g.matchAll(/`+/g)].map(([o])=>o.length)),f="`".repeat(v+1);return`${f}text
${g.trimEnd()}
${f}`}}),51185:((K,F,m)=>{m.d(F,{GI:()=>o,Rd:()=>r,lA:()=>c,w0:()=>M});var y=m(2638),E=m(50192),w=m(57442);const k={title:"fastest",cell:({latencyMs:t})=>h(t.min)},g=["90","95","99"],v=[{title:"Requests",cell:({requests:t})=>(0,y.Fl)(t,"count")},{title:"Rate",cell:({requestsPerSecond:t})=>(0,w.gR)(t,i=>(0,y.Fl)(i,"per-second"))},{title:"Errors",cell:({errorRate:t})=>(0,w.gR)(t,i=>(0,y.Fl)(i,"ratio"))},{title:"avg",cell:({latencyMs:t})=>h(t.avg)},...g.map(P),{title:"slowest",cell:({latencyMs:t})=>h(t.max)}];function f({total:t}){const i=Object.keys(t.latencyMs.percentiles).filter(u=>!g.includes(u)),p=Object.keys(t.statuses??{});return[{title:"Success",cell:({successRate:u})=>(0,w.gR)(u,D=>(0,y.Fl)(D,"ratio"))},{title:"Checks held",cell:({checks:u})=>(0,y.Fl)(u.passed,"count")},{title:"Checks failed",cell:({checks:u})=>(0,y.Fl)(u.failed,"count")},k,{title:"median",cell:({latencyMs:u})=>h(u.med)},...i.map(P),...p.map($)]}function o({load:t},{wide:i=!1}={}){return t&&a(t,i?[...v,k]:v)}function r({load:t},{wide:i=!1}={}){return t&&a(t,f(t).filter(p=>!(i&&p===k)))}function a(t,i){const p=(u,D)=>[u,...i.map(({cell:j})=>j(D))];return{head:["Service",...i.map(({title:u})=>u)],rows:[...Object.entries(t.services).map(([u,D])=>({cells:p(u,D)})),{cells:p("all",t.total),total:!0}],numbersFrom:1}}const s=[1,5,10,25,50,75,90,95,99,99.9,99.99];function c({load:t}){if(!t||t.total.latencyMs.grid.length===0)return null;const i=new Set(t.total.latencyMs.grid.map(([u])=>u)),p=s.filter(u=>i.has(u)).map(u=>({title:`p${u}`,cell:({latencyMs:D})=>h(D.grid.find(([j])=>j===u)?.[1])}));return p.length>0?a(t,p):null}function M({load:t},i=30){if(!t?.timeline)return null;const p=(0,E.E)(t.timeline,i),u=j=>(0,w.gR)(j,W=>(0,y.Fl)(W,"per-second")),D=p.map(({atMs:j,requestsPerSecond:W,errorsPerSecond:H,p50Ms:A,p95Ms:X,p99Ms:Z,virtualUsers:z})=>{const V=(0,w.gR)(z,T=>(0,y.Fl)(Math.round(T),"count"));return{cells:[`${Math.round(j/1e3)}\xA0s`,u(W),u(H),h(A),h(X),h(Z),V]}});return{head:["Until","Rate","Errors","p50","p95","p99","VUs"],rows:D,numbersFrom:0}}function P(t){return{title:`p${t}`,cell:({latencyMs:i})=>h(i.percentiles[t])}}function $(t){return{title:t==="0"?"No answer":t==="other"?"Other status":`Status ${t}`,cell:({statuses:p})=>(0,w.gR)(p===null?null:p[t]??0,u=>(0,y.Fl)(u,"count"))}}function h(t){return(0,w.gR)(t??null,y._V).replace(" ","\xA0")}}),87279:((K,F,m)=>{m.d(F,{M:()=>g,i:()=>k});var y=m(2638),E=m(78482),w=m(57442);function k({load:o}){const{services:r=[],controller:a=null}=o?.resources??{},s=[...r,...a?[a]:[]];return s.length===0?null:{head:["Pods of","Pods","CPU cores","of limit","Peak memory","of limit","Throttled","Restarts"],rows:s.map(c=>({cells:v(c)})),numbersFrom:1}}function g({load:o}){return(o?.resources?.services.flatMap(a=>a.containers)??[]).some(({cpuCores:a,peakMemoryBytes:s,restarts:c})=>a!==null||s!==null||c>0)}function v({name:o,containers:r}){const a=($,h)=>{const t=r.map($).filter(i=>i!==null);return t.length>0&&t.length===r.length?h(t):null},s=$=>a($,h=>Math.max(...h)),c=$=>a($,h=>h.reduce((t,i)=>t+i,0)),M=$=>(0,w.gR)($,h=>(0,y.Fl)(h,"ratio")),P=r.reduce(($,h)=>$+h.restarts,0);return[o,String(new Set(r.map(({pod:$})=>$)).size),(0,w.gR)(c(({cpuCores:$})=>$),$=>$.toFixed(2)),M(s(E.gf)),(0,w.gR)(s(({peakMemoryBytes:$})=>$),f),M(s(E.xC)),M(s(({throttled:$})=>$)),`${P}${r.some(({oomKilled:$})=>$)?", out of memory":""}`]}function f(o){return`${Number((o/2**20).toPrecision(3))}\xA0MiB`}}),57442:((K,F,m)=>{m.d(F,{Gr:()=>v,Xo:()=>o,_p:()=>k,gR:()=>r,vF:()=>w,ww:()=>f});var y=m(2638),E=m(49278);function w({gates:a}){if(a.length===0)return null;const s=a.toSorted((c,M)=>+(c.status==="passed")-+(M.status==="passed")).map(c=>{const M=`${c.service===null?"":`${c.service}: `}${c.metric}`;return{mark:c.status,cells:[M,(0,y.tW)(c),(0,y.U6)(c)]}});return{head:["Gate","Limit","Measured"],rows:s}}function k({services:a}){const s=a.flatMap(P=>P.probes);if(s.length===0)return null;const c={endpoints:"Kubernetes API","node-port":"NodePort",process:"process",ingress:"ingress","after-load":"after the load"},M=s.map(({healthy:P,service:$,kind:h,target:t,seen:i,attempts:p})=>({mark:P?"passed":"failed",cells:[$,c[h],t,i,h==="endpoints"?"":String(p)]}));return{head:["Service","Through","Target","Seen","Requests"],rows:M,numbersFrom:4}}const g={path:"on PATH","tool-cache":"tool cache","github-cache":"GitHub\u2019s cache, verified",download:"downloaded and verified",go:"built with go install"};function v({environment:a,cluster:s,ingress:c,tools:M,settings:P,services:$}){const h=[];if(a==="local"&&h.push(["Services","local processes; nothing about Kubernetes was tried"]),s){h.push(["Cluster",`${s.name}, kind on ${s.engine} ${s.engineVersion??""}`]),h.push(["Kubernetes",s.kubernetesVersion??"not reached"]),h.push(["Node image",s.nodeImage]);for(const{name:t,kubelet:i,runtime:p,architecture:u}of s.nodes??[])h.push(["Node",[t,i,p,u].filter(Boolean).join(", ")]);s.systemPods!==null&&h.push(["System pods",`${s.systemPods} healthy`]),s.dnsName&&h.push(["DNS",`${s.dnsName} resolves inside a pod`])}c&&h.push(["Ingress",[c.controller,c.image].filter(Boolean).join(", ")]),c?.note&&h.push(["",c.note]);for(const{name:t,image:i,replicas:p}of $)h.push(["Service",`${t}: ${p} \xD7 ${i??"a local process"}`]);for(const{name:t,version:i,from:p,note:u}of M)h.push(["Tool",`${t} ${i} (${g[p]})${u?`: ${u}`:""}`]);return h.push(["Load",`${(0,E.v)(P.load)} at ${c?.baseUrl??P.baseUrl??(P.ingress==="none"?"the NodePorts":"the ingress")}`]),{head:["",""],rows:h.map(t=>({cells:t}))}}function f({stages:a}){const s=a.map(({status:c,title:M,startedAfterMs:P,durationMs:$,failure:h,leftOut:t})=>{const i=$===null?c:o($),p=[M,P===null?"":o(P),t===null?i:""],u=h?.message??(t===null?null:`skipped: ${t}`);return{mark:c,cells:p,...u&&{detail:u}}});return{head:["Stage","Started at","Took"],rows:s,numbersFrom:1}}function o(a){return a===null?"not finished":`${(a/1e3).toFixed(1)} s`}function r(a,s){return a===null?"\u2013":s(a)}}),49278:((K,F,m)=>{m.d(F,{A:()=>E,v:()=>y});function y(w){if(w.drive==="script")return w.path;const k=`for ${w.durationMs/1e3} s`,g=w.ramp.length>0?"up to ":"";return w.drive==="virtual-users"?`${g}${w.virtualUsers} VUs ${k}`:`${g}${w.rate}/s to each service ${k}`}function E({rate:w,durationMs:k,ramp:g,rampFrom:v=0}){return g.length===0?w*k/1e3:g.map((o,r)=>((r===0?v:g[r-1]?.target??0)+o.target)/2*o.durationMs/1e3).reduce((o,r)=>o+r,0)}}),50192:((K,F,m)=>{m.d(F,{E:()=>w,h:()=>E});const y=3600;function E(v=y){let f=[],o=[],r=1;return{add:a=>{f.length===v&&(f=k(f,2),r*=2),o.push(a),!(o.length<r)&&(f.push(g(o)),o=[])},points:()=>{const a=o.length>0?[...f,g(o)]:f;return a.length>0?a:null}}}function w(v,f){return k(v,Math.max(1,Math.ceil(v.length/f)))}function k(v,f){return Array.from({length:Math.ceil(v.length/f)},(o,r)=>g(v.slice(r*f,(r+1)*f)))}function g(v){const f=a=>v.map(s=>s[a]).filter(s=>s!==null),o=a=>{const s=f(a);return s.length>0?s.reduce((c,M)=>c+M,0)/s.length:null},r=a=>f(a).reduce((s,c)=>Math.max(s??c,c),null);return{atMs:v.at(-1)?.atMs??0,requestsPerSecond:o("requestsPerSecond"),errorsPerSecond:o("errorsPerSecond"),virtualUsers:o("virtualUsers"),p50Ms:r("p50Ms"),p95Ms:r("p95Ms"),p99Ms:r("p99Ms")}}})};export{Me as id,ke as ids,xe as modules};
