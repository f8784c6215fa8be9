const le=933,ce=[933,9924],ue={81320:((Q,N,h)=>{h.d(N,{j:()=>x,upsertComment:()=>i});var v=h(61351),j=h(74995),P=h(88417),R=h(80978),f=h(77114);const x=65536;function g(d){return`<!-- mlops-pipeline-action ${(0,f.BC)(d)} -->`}async function i(d,t,o){try{return await(0,R.N)(a,o,r=>y(d,t,r))}catch(r){return{notice:W(r)}}}const a=3e4;async function y({token:d,repository:t,pullRequest:o,key:r},w,b){const[F="",p=""]=t.split("/"),$=(0,v.Q)(d),M=g(r),S=`${M}
${w}`,T={signal:b},Y=async()=>{const[H,X]=await Promise.all([c($,b),$.paginate($.rest.issues.listComments,{owner:F,repo:p,issue_number:o,per_page:100,request:T})]),Z=X.find(J=>J.body?.startsWith(M)&&G(J.user?.login,H)),{data:q}=Z?await $.rest.issues.updateComment({owner:F,repo:p,comment_id:Z.id,body:S,request:T}):await $.rest.issues.createComment({owner:F,repo:p,issue_number:o,body:S,request:T});return{url:q.html_url}};return await(0,j.Ay)(Y,{retries:3,minTimeout:500,maxTimeout:5e3,maxRetryTime:2e4,randomize:!0,signal:b,shouldRetry:({error:H})=>D(H)})}async function c(d,t){const{viewer:o}=await d.graphql("query { viewer { login } }",{request:{signal:t}});return o.login}function G(d,t){const o=r=>r.toLowerCase().replace(/\[bot\]$/,"");return d!==void 0&&o(d)===o(t)}function L(d){const{status:t}=d;return typeof t=="number"?t:void 0}function D(d){const t=L(d);return t===void 0||t>=500||t===429||t===404||V(d)}function V(d){return d instanceof Error&&/rate limit/i.test(d.message)}function W(d){const t=(0,P.bD)(d);if(V(d))return`No comment: ${t}`;switch(L(d)){case 401:return`No comment: GitHub does not accept github-token (${t}).`;case 403:return`No comment: the token may only read (${t}). Give the job "permissions: pull-requests: write"; a pull request from a fork or Dependabot never gets more.`;default:return`No comment: ${t}`}}}),2638:((Q,N,h)=>{h.d(N,{Fl:()=>x,U6:()=>P,_V:()=>g,l7:()=>v,tW:()=>j});function v(a){const y=a.service===null?"":`${a.service}: `,c=a.value===null?"has no value":`is ${P(a)}`;return`${y}${a.metric} ${c}, the gate is ${j(a)}`}function j({operator:a,limit:y,unit:c}){return`${a} ${x(y,c,R)}`}function P({value:a,limit:y,unit:c}){if(a===null)return"not measured";const G=x(y,c,R);for(let L=f;L<R&&a!==y;L+=1){const D=x(a,c,L);if(D!==G&&D!==x(y,c,L))return D}return x(a,c,R)}const R=12,f=3;function x(a,y,c=f){switch(y){case"ms":return g(a,c);case"ratio":return`${i(a*100,c)}%`;case"count":return a.toLocaleString("en-US");case"per-second":return`${i(a,c)}/s`}}function g(a,y=f){return a>=1e3?`${i(a/1e3,y)} s`:`${i(a,y)} ms`}function i(a,y){const c=Math.max(1,Math.floor(Math.log10(Math.max(1,Math.abs(a))))+1);return Number(a.toPrecision(Math.max(y,c))).toLocaleString("en-US",{maximumSignificantDigits:21})}}),50933:((Q,N,h)=>{h.r(N),h.d(N,{publishReport:()=>se,writeReport:()=>ne});var v=h(51455),j=h(76760),P=h(81320),R=h(88417),f=h(2251);const x=`
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
`;var g=h(9924);function i(e,...n){return{markup:e.reduce((s,l,u)=>`${s}${y(n[u-1]??"")}${l}`)}}const a={markup:""};function y(e){return typeof e=="string"?(0,g.ZD)(e):"markup"in e?e.markup:e.map(({markup:n})=>n).join("")}var c=h(57442);const G={passed:"passed",failed:"failed",invalid:"other",inconclusive:"other",cancelled:"other"},L={pending:"\xB7",running:"\u2026",passed:"\u2713",failed:"\u2717",missing:"?",skipped:"\u2013",cancelled:"\u2013"},D={"dashboard.html":"k6\u2019s own dashboard: the load over time","k6.log":"k6\u2019s log",services:"what the local services and their proxy said",evidence:"the nodes\u2019 logs, pods, events and descriptions at the end of the run","report.json":"all numbers, for programs","report.md":"this report as Markdown"};function V(e){const n={wide:!0};return i`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${[(0,f.Qw)(e),e.context.repository].filter(Boolean).join(" \u2013 ")}</title>
<style>${{markup:x}}</style>
</head>
<body>
${W(e)}
<main>
${d(e)}
${o("Load",(0,c.GI)(e,n))}
${o("Gates",(0,c.vF)(e))}
${o("More numbers",(0,c.Rd)(e,n))}
${o("Health",(0,c._p)(e))}
${o("Stages",(0,c.ww)(e))}
${o("Infrastructure",(0,c.Gr)(e))}
${t(`Warnings (${e.warnings.length})`,r(e.warnings.map(l=>i`${l}`)))}
${t("Files",r(F(e)))}
</main>
</body>
</html>
`.markup.replace(/\n{2,}/g,`
`)}function W(e){const{context:n,startedAt:s,durationMs:l}=e,u=[n.repository&&i`${n.repository}`,n.workflow&&i`${[n.workflow,n.job].filter(Boolean).join(", ")}`,n.pullRequest!==null&&i`pull request ${String(n.pullRequest)}`,p(e),$(n.runUrl,"run"),i`started <time datetime="${s}">${s.slice(0,16).replace("T"," ")} UTC</time>`,i`${l===null?"not finished":`took ${(0,c.Xo)(l)}`}`].filter(m=>m!==null&&m!==!1&&m!=="");return i`<header style="--tone: var(--${G[e.verdict]})">
<h1>${(0,f.Qw)(e)}</h1>
<p class="sentence">${(0,f.x7)(e)}</p>
<div class="soft">${r(u)}</div>
</header>`}function d(e){const n=(0,f.fx)(e);if(!n||!n.remedy&&n.causes.length===0)return a;const s=n.remedy?i`<p><strong>What to do:</strong> ${n.remedy}</p>`:a,l=n.causes.length>0?i`<details open><summary>Caused by</summary><pre>${n.causes.join(`
`)}</pre></details>`:a;return i`<div class="remedy">${s}${l}</div>`}function t(e,n){return n===a?a:i`<section>\n<h2>${e}</h2>\n${n}\n</section>`}function o(e,n){return t(e,n?i`<div class="scroll" role="region" aria-label="${e}" tabindex="0">${w(n)}</div>`:a)}function r(e){return e.length===0?a:i`<ul>${e.map(n=>i`<li>${n}</li>`)}</ul>`}function w(e){const{head:n,rows:s,numbersFrom:l=n.length}=e,u=s.some(({mark:_})=>_!==void 0),m=n.some(_=>_!==""),C=n.map((_,B)=>B>=l?i`<th scope="col" class="number">${_}</th>`:i`<th scope="col">${_}</th>`),k=u?i`<th scope="col" class="mark"><span class="hidden">Status</span></th>`:a,E=s.map(({mark:_,cells:B,detail:O,total:U})=>{const[I="",...z]=B,ee=i`<th scope="row">${I}${O===void 0?a:i`<div class="detail">${O}</div>`}</th>`,ie=z.map((te,ae)=>ae+1>=l?i`<td class="number">${te}</td>`:i`<td>${te}</td>`);return i`<tr${U?i` class="total"`:a}>${_===void 0?a:b(_)}${ee}${ie}</tr>\n`});return i`<table${m?a:i` class="names"`}>
${m?i`<thead><tr>${k}${C}</tr></thead>`:a}
<tbody>
${E}</tbody>
</table>`}function b(e){return i`<td class="mark ${e}"><span aria-hidden="true">${L[e]}</span><span class="hidden">${e}</span></td>`}function F({files:e}){const n=new Set([...e,"report.json","report.md"]);return n.delete("report.html"),[...n].map(s=>{const l=D[s];return i`<a href="./${encodeURIComponent(s.toWellFormed())}">${s}</a>${l===void 0?"":`: ${l}`}`})}function p({context:{sha:e,repository:n,runUrl:s}}){if(!e)return null;const l=`commit ${e.slice(0,7)}`,u=`/${n}/commit/${e}`;return n&&s&&URL.canParse(u,s)&&$(new URL(u,s).href,l)||i`${l}`}function $(e,n){return e!==null&&/^https?:\/\//i.test(e)?i`<a href="${e}">${n}</a>`:null}function M(e,n,s){if(s(e)<=n)return e;const l=`

> Shortened to GitHub\u2019s size limit; the artifact has it all.
`;let u=e.trimEnd().split(`
`);for(const[C,k]of S(u)){u=[...u.slice(0,C),"",...u.slice(k+1)];const E=u.join(`
`);if(s(E+l)<=n)return E+l}let m=u.join(`
`);for(;s(m+l)>n&&m.length>0;)m=T(m.slice(0,Math.floor(m.length*.9)));return m+l}function S(e){const n=[];let s=null,l=0,u=0;for(const[m,C]of e.entries()){const k=/^`{3,}/.exec(C)?.[0];s!==null?k&&k.length>=s.length&&C.trim()===k&&(s=null):k?s=k:C.startsWith("<details>")?(l===0&&(u=m),l+=1):C.startsWith("</details>")&&l>0&&(l-=1,l===0&&n.unshift([u,m]))}return n}function T(e){return e.isWellFormed()?e:e.slice(0,-1)}const Y={passed:"\u2705",failed:"\u274C",invalid:"\u26A0\uFE0F",inconclusive:"\u2754",cancelled:"\u23F9\uFE0F"},H={pending:"\xB7",running:"\u23F3",passed:"\u2705",failed:"\u274C",missing:"\u2754",skipped:"\u2013",cancelled:"\u23F9\uFE0F"};function X(e,n){return`${[Z(e),q(e),A((0,c.GI)(e)),A((0,c.vF)(e)),K("More numbers",A((0,c.Rd)(e))),K("Health",A((0,c._p)(e))),K("Infrastructure",A((0,c.Gr)(e))),K(`Stages (${(0,c.Xo)(e.durationMs)})`,A((0,c.ww)(e))),K(`Warnings (${e.warnings.length})`,e.warnings.map(l=>`- ${(0,g.FV)(l)}`).join(`
`)),J(e,n)].filter(Boolean).join(`

`)}
`}function Z(e){return`### ${Y[e.verdict]} ${(0,g.FV)((0,f.Qw)(e))}

${(0,g.FV)((0,f.x7)(e))}`}function q(e){const n=(0,f.fx)(e);if(!n)return"";const{remedy:s,causes:l}=n,u=l.length>0?`

<details><summary>Caused by</summary>

${(0,g.fenced)(l.join(`
`).slice(0,4e3))}

</details>`:"";return`${s?`**What to do:** ${(0,g.FV)(s)}`:""}${u}`.trim()}function J({context:e,files:n},{artifact:s,notes:l=[]}){const u=[e.runUrl?`[run](${e.runUrl})`:"",s?`[artifact](${s})${n.length>0?` with ${n.map(m=>`\`${m}\``).join(", ")}`:""}`:"",e.sha?`commit ${e.sha.slice(0,7)}`:""].filter(Boolean);return[...l.map(m=>`> ${(0,g.FV)(m)}`),u.length>0?`<sub>${u.join(" \xB7 ")}</sub>`:""].filter(Boolean).join(`

`)}function A(e){if(e===null)return"";const{head:n,rows:s,numbersFrom:l=n.length}=e,u=s.some(({mark:k})=>k!==void 0),m=k=>`| ${k.join(" | ")} |`,C=n.map((k,E)=>E>=l?"--:":":--");return[m(u?["",...n]:n),m(u?[":--",...C]:C),...s.map(({mark:k,cells:E,detail:_,total:B})=>{const[O="",...U]=E.map(z=>(0,g.FV)(z).replaceAll("\xA0","&nbsp;")),I=`${B?`**${O}**`:O}${_?`<br>${(0,g.FV)(_)}`:""}`;return m([...u?[k?H[k]:""]:[],I,...U])})].join(`
`)}function K(e,n){return n===""?"":`<details><summary>${e}</summary>

${n}

</details>`}const oe=1024*1024,re=200;async function ne(e,n){await(0,v.mkdir)(n,{recursive:!0});const s=(0,j.join)(n,"report.json");return await(0,v.writeFile)(s,`${JSON.stringify(e,null,2)}
`),await(0,v.writeFile)((0,j.join)(n,"report.md"),X(e,{artifact:null})),await(0,v.writeFile)((0,j.join)(n,"report.html"),V(e)),{json:s}}async function se(e,n,s){const l=[],u=async(I,z)=>{try{return await z()}catch(ee){return s.notice(`No ${I}: ${(0,R.bD)(ee)}`),null}},m=await u("report file",()=>ne(e,n)),{artifact:C,summary:k,comment:E}=s,_=C&&await u("artifact",()=>C(n));_&&"notice"in _&&(s.notice(_.notice),l.push(_.notice));const B={artifact:_&&"url"in _?_.url:null,notes:l},O=X(e,B),[,U]=await Promise.all([k&&u("job summary",()=>k(M(O,oe,I=>Buffer.byteLength(I)))),E&&u("comment",()=>E(M(O,P.j-re,I=>I.length)))]);return U&&"notice"in U&&s.notice(U.notice),{report:m?.json??"",links:{...B,comment:U&&"url"in U?U.url:null}}}}),9924:((Q,N,h)=>{h.d(N,{FV:()=>v,ZD:()=>j,fenced:()=>R,h0:()=>P});function v(f){return f.replace(/[\r\n\t\p{Cc}]+/gu," ").replace(/&/g,"&amp;").replace(/</g,"&lt;").replace(/>/g,"&gt;").replace(/[\\`*_{}[\]|~#!]/g,"\\$&").replace(/(?<!\w)@(?=\w)|@(?=[\w-]*\.)/g,"@\u200B").replace(/#(?=\d)/g,"#\u200B").replace(/\b(GH)-(?=\d)/gi,"$1\u200B-").replace(/\b(www)\.(?=\w)/gi,"$1\u200B.").replace(/:\/\//g,"&#58;//").trim()}function j(f){const x={"&":"&amp;","<":"&lt;",">":"&gt;",'"':"&quot;","'":"&#39;"};return f.toWellFormed().replace(/\r\n?/g,`
`).replace(/[^\P{Cc}\n]+/gu," ").replace(/[&<>"']/g,g=>x[g]??"")}function P(f){return f.replace(/[\p{Cc}\u2028\u2029]+/gu," ").replace(/##\[/g,"# #[").replace(/^\s*::/,": :")}function R(f){const x=Math.max(2,...[...f.matchAll(/`+/g)].map(([i])=>i.length)),g="`".repeat(x+1);return`${g}text
${f.trimEnd()}
${g}`}}),57442:((Q,N,h)=>{h.d(N,{GI:()=>x,Gr:()=>G,Rd:()=>g,Xo:()=>D,_p:()=>y,vF:()=>a,ww:()=>L});var v=h(2638);const j={title:"fastest",cell:({latencyMs:t})=>W(t.min)},P=["90","95","99"],R=[{title:"Requests",cell:({requests:t})=>(0,v.Fl)(t,"count")},{title:"Rate",cell:({requestsPerSecond:t})=>d(t,o=>(0,v.Fl)(o,"per-second"))},{title:"Errors",cell:({errorRate:t})=>d(t,o=>(0,v.Fl)(o,"ratio"))},{title:"avg",cell:({latencyMs:t})=>W(t.avg)},...P.map(V),{title:"slowest",cell:({latencyMs:t})=>W(t.max)}];function f({total:t}){const o=Object.keys(t.latencyMs.percentiles).filter(r=>!P.includes(r));return[{title:"Success",cell:({successRate:r})=>d(r,w=>(0,v.Fl)(w,"ratio"))},{title:"Checks held",cell:({checks:r})=>(0,v.Fl)(r.passed,"count")},{title:"Checks failed",cell:({checks:r})=>(0,v.Fl)(r.failed,"count")},j,{title:"median",cell:({latencyMs:r})=>W(r.med)},...o.map(V)]}function x({load:t},{wide:o=!1}={}){return t&&i(t,o?[...R,j]:R)}function g({load:t},{wide:o=!1}={}){return t&&i(t,f(t).filter(r=>!(o&&r===j)))}function i(t,o){const r=(w,b)=>[w,...o.map(({cell:F})=>F(b))];return{head:["Service",...o.map(({title:w})=>w)],rows:[...Object.entries(t.services).map(([w,b])=>({cells:r(w,b)})),{cells:r("all",t.total),total:!0}],numbersFrom:1}}function a({gates:t}){if(t.length===0)return null;const o=t.toSorted((r,w)=>+(r.status==="passed")-+(w.status==="passed")).map(r=>{const w=`${r.service===null?"":`${r.service}: `}${r.metric}`;return{mark:r.status,cells:[w,(0,v.tW)(r),(0,v.U6)(r)]}});return{head:["Gate","Limit","Measured"],rows:o}}function y({services:t}){const o=t.flatMap(b=>b.probes);if(o.length===0)return null;const r={endpoints:"Kubernetes API","node-port":"NodePort",process:"process",ingress:"ingress","after-load":"after the load"},w=o.map(({healthy:b,service:F,kind:p,target:$,seen:M,attempts:S})=>({mark:b?"passed":"failed",cells:[F,r[p],$,M,p==="endpoints"?"":String(S)]}));return{head:["Service","Through","Target","Seen","Requests"],rows:w,numbersFrom:4}}const c={path:"on PATH","tool-cache":"tool cache","github-cache":"GitHub\u2019s cache, verified",download:"downloaded and verified",go:"built with go install"};function G({environment:t,cluster:o,ingress:r,tools:w,settings:b,services:F}){const p=[];if(t==="local"&&p.push(["Services","local processes; nothing about Kubernetes was tried"]),o){p.push(["Cluster",`${o.name}, kind on ${o.engine} ${o.engineVersion??""}`]),p.push(["Kubernetes",o.kubernetesVersion??"not reached"]),p.push(["Node image",o.nodeImage]);for(const{name:$,kubelet:M,runtime:S,architecture:T}of o.nodes??[])p.push(["Node",[$,M,S,T].filter(Boolean).join(", ")]);o.systemPods!==null&&p.push(["System pods",`${o.systemPods} healthy`]),o.dnsName&&p.push(["DNS",`${o.dnsName} resolves inside a pod`])}r&&p.push(["Ingress",[r.controller,r.image].filter(Boolean).join(", ")]),r?.note&&p.push(["",r.note]);for(const{name:$,image:M,replicas:S}of F)p.push(["Service",`${$}: ${S} \xD7 ${M??"a local process"}`]);for(const{name:$,version:M,from:S,note:T}of w)p.push(["Tool",`${$} ${M} (${c[S]})${T?`: ${T}`:""}`]);return p.push(["Load",`${b.virtualUsers} virtual users for ${b.durationMs/1e3} s at ${r?.baseUrl??b.baseUrl??(b.ingress==="none"?"the NodePorts":"the ingress")}`]),{head:["",""],rows:p.map($=>({cells:$}))}}function L({stages:t}){const o=t.map(({status:r,title:w,startedAfterMs:b,durationMs:F,failure:p,leftOut:$})=>{const M=F===null?r:D(F),S=[w,b===null?"":D(b),$===null?M:""],T=p?.message??($===null?null:`skipped: ${$}`);return{mark:r,cells:S,...T&&{detail:T}}});return{head:["Stage","Started at","Took"],rows:o,numbersFrom:1}}function D(t){return t===null?"not finished":`${(t/1e3).toFixed(1)} s`}function V(t){return{title:`p${t}`,cell:({latencyMs:o})=>W(o.percentiles[t])}}function W(t){return d(t??null,v._V).replace(" ","\xA0")}function d(t,o){return t===null?"\u2013":o(t)}})};export{le as id,ce as ids,ue as modules};
