const tt=224,nt=[224],rt={20224:((et,se,v)=>{v.d(se,{renderHtml:()=>qe});var H=v(2251),f=v(2638),B=v(78482),ie=v(9924);function i(e,...t){return{markup:e.reduce((n,r,a)=>`${n}${ae(t[a-1]??"")}${r}`)}}const o={markup:""};function ae(e){return typeof e=="string"?(0,ie.ZD)(e):"markup"in e?e.markup:e.map(({markup:t})=>t).join("")}const oe={pending:"\xB7",running:"\u2026",passed:"\u2713",failed:"\u2717",missing:"?",skipped:"\u2013",cancelled:"\u2013"};function b(e,...t){const n=t.filter(({markup:r})=>r!=="");return n.length===0?o:i`<section>\n<h2>${e}</h2>\n${n.map(r=>i`${r}\n`)}</section>`}function $(e,t,n={}){return t===null?o:i`<div class="scroll" role="region" aria-label="${e}" tabindex="0">${le(t,n)}</div>`}function j(e,t){return t===o?o:i`<details><summary>${e}</summary>\n${t}\n</details>`}function C(e){return e.length===0?o:i`${e.map(t=>i`<p class="note">${t}</p>`)}`}function I(e){return e.length===0?o:i`<ul>${e.map(t=>i`<li>${t}</li>`)}</ul>`}function G(e,t){return e!==null&&/^https?:\/\//i.test(e)?i`<a href="${e}">${t}</a>`:null}function D(e){return i`<span aria-hidden="true">${oe[e]}</span><span class="hidden">${e}</span>`}function le(e,{strips:t=null,below:n=()=>o}){const{head:r,rows:a,numbersFrom:s=r.length}=e,l=a.some(({mark:g})=>g!==void 0),d=r.some(g=>g!==""),[h="",...c]=r.map((g,k)=>i`<th scope="col"${k>=s?Z:o}>${g}</th>`),m=l?i`<th scope="col" class="mark"><span class="hidden">Status</span></th>`:o,u=t?i`<th scope="col" class="picture"><span class="hidden">${t.title}</span>${t.head}</th>`:o,p=a.map((g,k)=>{const{mark:S,cells:U,detail:E,total:z}=g,[R="",...V]=U,Ke=R===""?i`<td></td>`:i`<th scope="row">${R}${E===void 0?o:i`<div class="detail">${E}</div>`}</th>`,Xe=t?i`<td class="picture">${t.cells[k]??o}</td>`:o,Je=V.map((_e,re)=>i`<td${re+1>=s?Z:o}>${_e}${n(g,re+1)}</td>`),Ye=S===void 0?o:i`<td class="mark ${S}">${D(S)}</td>`;return i`<tr${z?i` class="total"`:o}>${Ye}${Ke}${Xe}${Je}</tr>\n`});return i`<table class="${d?de(r.length+(t?4:0)):"names"}">
${d?i`<thead><tr>${m}${h}${u}${c}</tr></thead>`:o}
<tbody>
${p}</tbody>
</table>`}function de(e){return e<=3?"compact":e>9?"dense":"even"}const Z=i` class="number"`;var ce=v(50192),F=v(25602);function me(e,t){const n=(0,F.m4)([0,e>0?e:1],[0,1]).nice(3);return{at:n,ticks:n.ticks(3).map(r=>({at:n(r),text:t(r)}))}}function Q(e,t){const[n,r]=e>3e5?[6e4,"min"]:[1e3,"s"],a=(0,F.m4)([0,Math.max(e,1)/n],[0,1]);return{at:s=>a(s/n),ticks:a.ticks(t).map(s=>({at:a(s),text:`${s} ${r}`}))}}const P=.01;function q(e,t){const n=e.filter(s=>s>0),r=(n.length>0?Math.max(P,Math.min(...n)):P)*.9,a=(0,F.ZE)([r,Math.max(r*2,...n)*1.05],[0,1]).clamp(!0);return{at:s=>a(Math.max(s,P)),ticks:ue(a.ticks(),t).map(s=>({at:a(s),text:(0,f._V)(s)}))}}function ue(e,t){const n=d=>e.filter(h=>d.includes(Number(h.toExponential()[0]))),[r,a,s]=[n([1]),n([1,3]),n([1,2,5])],l=[s,a,r].find(({length:d})=>d>=2&&d<=t);return l||(r.length>t?r.filter((d,h)=>h%Math.ceil(r.length/t)===0):e.slice(0,t))}function he(e){const t=s=>-Math.log10(1-s/100),n=(0,F.m4)([0,t(e)],[0,1]),a=[50,90,99,99.9,99.99].filter(s=>s<=e).map(s=>({at:n(t(s)),text:`p${s}`}));return{at:s=>n(t(s)),ticks:a}}var T=v(76879);const x=132,K=1e3;function X({title:e,description:t,x:n,y:r,series:a,shape:s="line",errors:l=!1}){const d=a.map(c=>c.points.map(([m,u])=>[n.at(m)*K,u===null?null:(1-r.at(u))*x]));if(!d.some(c=>c.some(W)))return o;const h=a.length>1?i`<ul class="keys">${a.map(({name:c},m)=>i`<li>${ge(m)}${c}</li>`)}</ul>`:o;return i`<figure${l?i` class="errors"`:o}>
<figcaption>${e}${h}</figcaption>
<svg class="chart" role="img"><title>${e}</title><desc>${t}</desc>
${r.ticks.map(({at:c,text:m})=>i`<line x2="100%" y1="${A((1-c)*x)}" y2="${A((1-c)*x)}"></line><text x="-8" y="${A((1-c)*x+4)}" text-anchor="end">${m}</text>`)}
${n.ticks.map(({at:c,text:m})=>i`<text x="${y(c)}" y="${String(x+18)}" text-anchor="${$e(c)}">${m}</text>`)}
<svg viewBox="0 0 ${String(K)} ${String(x)}" width="100%" height="${String(x)}" preserveAspectRatio="none">
${d.map((c,m)=>i`${s==="area"?i`<path class="fill s${String(m)}" d="${fe(c)}"></path>`:o}<path class="s${String(m)}" d="${pe(c,s)}"></path>\n`)}</svg>
</svg>
</figure>\n`}function W([,e]){return e!==null}function pe(e,t){const n=(0,T.n8)(([r])=>r,([,r])=>r??0).defined(W).digits(1);return(t==="steps"?n.curve(T.dy):n)([...e])??""}function fe(e){return(0,T.Wc)(([t])=>t,x,([,t])=>t??0).defined(W).digits(1)([...e])??""}function ge(e){return i`<svg class="key" aria-hidden="true"><path class="s${String(e)}" d="M1,6H23"></path></svg>`}function $e(e){return e<.04?"start":e>.96?"end":"middle"}function y(e){return`${Number((Math.min(1,Math.max(0,e))*100).toFixed(2))}%`}function A(e){return String(Number(e.toFixed(1)))}const J=e=>(0,f.Fl)(e,"per-second"),ve=[{title:"Requests per second",format:J,shape:"area",lines:[["rate",({requestsPerSecond:e})=>e]]},{title:"Latency",format:e=>(0,f._V)(e),shape:"line",lines:[["p50",({p50Ms:e})=>e],["p95",({p95Ms:e})=>e],["p99",({p99Ms:e})=>e]]},{title:"Errors per second",format:J,shape:"area",errors:!0,lines:[["errors",({errorsPerSecond:e})=>e]]},{title:"Virtual users",format:e=>(0,f.Fl)(e,"number"),shape:"steps",lines:[["users",({virtualUsers:e})=>e]]}],be=400;function we(e){const t=(0,ce.E)(e,be),n=ve.map(r=>xe(r,t)).filter(r=>r!==o);return n.length>0?i`<div class="charts">\n${n}</div>`:o}function xe({title:e,format:t,shape:n,errors:r=!1,lines:a},s){const l=a.map(([c,m])=>({name:c,points:s.map(u=>[u.atMs,m(u)])})),d=Math.max(0,...N(l));if(r&&d===0)return o;const h=Q(s.at(-1)?.atMs??0,4);return X({title:e,description:ke(l,t),x:h,y:me(d,t),series:l,shape:n,errors:r})}const O=5;function ye({total:e,services:t}){const n=Object.entries(t).filter(([,{latencyMs:u}])=>u.grid.length>0),r=n.toSorted(([,u],[,p])=>(M(p,99)??0)-(M(u,99)??0)).slice(0,O),a=n.length>O?r:n,s=a.length===1?a:[["all",e],...a],l=s.map(([u,{latencyMs:p}])=>({name:u,points:p.grid.filter(([g])=>g>=1&&g<100)})),d=N(l);if(d.length===0)return o;const h=Math.max(...l.flatMap(({points:u})=>u.map(([p])=>p))),c=n.length>O?`Latency by percentile, the ${O} services with the slowest p99`:"Latency by percentile",m=s.map(([u,p])=>`${u}: median ${Y(M(p,50))}, p99 ${Y(M(p,99))}`).join("; ");return X({title:c,description:m,x:he(h),y:q(d,5),series:l})}function M({latencyMs:e},t){return e.grid.find(([n])=>n===t)?.[1]??null}function Y(e){return e===null?"not known":(0,f._V)(e)}function N(e){return e.flatMap(({points:t})=>t.map(([,n])=>n)).filter(t=>t!==null)}function ke(e,t){return e.map(n=>{const r=N([n]);return r.length===0?`${n.name}: not measured`:`${n.name}: from ${t(Math.min(...r))} to ${t(Math.max(...r))}`}).join("; ")}var L=v(51185),Me=v(87279);function Se({services:e,total:t}){const n=[...Object.values(e),t],r=n.flatMap(({latencyMs:d})=>d.grid.map(([,h])=>h));if(r.length===0)return null;const a=q(r,4),s=d=>y(a.at(d)),l=n.map(d=>{const[h,c,m,u,p,g]=[0,10,50,90,99,100].map(z=>M(d,z)),k=(z,R,V)=>R==null||V==null?o:i`<line class="${z}" x1="${s(R)}" x2="${s(V)}" y1="12" y2="12"></line>`,S=m==null?o:i`<line class="median" x1="${s(m)}" x2="${s(m)}" y1="5" y2="19"></line>`,U=p==null?o:i`<circle class="tail" cx="${s(p)}" cy="12" r="3.5"></circle>`,E=p==null||m==null?o:i`<title>median ${(0,f._V)(m)}, p99 ${(0,f._V)(p)}</title>`;return ee(a,i`${E}${k("range",h,g)}${k("middle",c,u)}${S}${U}`)});return{title:"Spread",head:te(a),cells:l}}function ze({stages:e,durationMs:t}){const n=Math.max(t??0,...e.map(a=>(a.startedAfterMs??0)+(a.durationMs??0)));if(n<=0)return null;const r=Q(n,4);return{title:"When",head:te(r),cells:e.map(a=>ee(r,Re(a,r,n)))}}const _=.004;function Re({startedAfterMs:e,durationMs:t,status:n},r,a){if(e===null)return o;const s=Math.min(r.at(e),1-_),l=Math.max(_,r.at(e+(t??a-e))-s);return i`<rect class="${n}" x="${y(s)}" width="${y(l)}" y="5" height="14" rx="2"></rect>`}function ee({ticks:e},t){const n=e.map(({at:r})=>i`<line x1="${y(r)}" x2="${y(r)}" y2="100%"></line>`);return i`<svg class="strip" aria-hidden="true">${n}${t}</svg>`}function te({ticks:e}){const t=e.map(({at:n,text:r})=>i`<text x="${y(n)}" y="16" text-anchor="${n<.1?"start":n>.9?"end":"middle"}">${r}</text>`);return i`<svg class="strip" aria-hidden="true">${t}</svg>`}function je(e){if(e===null)return o;const t=e>=.9?"high":e>=.7?"some":"low";return i`<svg class="meter" aria-hidden="true"><rect class="${t}" width="${y(e)}" height="4"></rect></svg>`}var w=v(57442);const ne={wide:!0};function Ce({load:e}){if(!e)return o;const{requests:t,requestsPerSecond:n,errorRate:r,latencyMs:a}=e.total,s=[["Requests",(0,f.Fl)(t,"count")],["Rate",(0,w.gR)(n,l=>(0,f.Fl)(l,"per-second"))],["Errors",(0,w.gR)(r,l=>(0,f.Fl)(l,"ratio"))],["Median",(0,w.gR)(a.med,f._V)],["p95",(0,w.gR)(a.percentiles[95]??null,f._V)],["p99",(0,w.gR)(a.percentiles[99]??null,f._V)]];return i`<dl class="figures">${s.map(([l,d])=>i`<div><dt>${l}</dt><dd>${d}</dd></div>`)}</dl>`}function Fe(e){const t=(0,L.GI)(e,ne);return b("Load",Ce(e),$("Load",t,{below:(n,r)=>Le(e.gates,n,t?.head[r]??"")}),C(e.load?.notes??[]),j("More numbers",$("More numbers",(0,L.Rd)(e,ne))))}const Oe={Requests:["requests"],Rate:["rps","achieved-rate"],Errors:["error-rate"],slowest:["max"],fastest:["min"]};function Le(e,{cells:[t=""],total:n},r){const a=Oe[r]??[r.replace(/^p([\d.]+)$/,"p($1)")],s=e.filter(({service:l,metric:d})=>a.includes(d)&&(n?l===null:l===t));return i`${s.map(l=>i`<div class="limit ${l.status}">${D(l.status)} ${(0,f.tW)(l)}</div>`)}`}const Ee=["p50","p90","p95","p99","p99.9"];function Ve({head:e,rows:t,...n},r){const a=(s,l)=>l===0||r.includes(e[l]??"");return{...n,head:e.filter(a),rows:t.map(s=>({...s,cells:s.cells.filter(a)}))}}function He(e){const{load:t}=e,n=(0,L.lA)(e);return!t||n===null?o:b("Distribution of latency",ye(t),$("Distribution of latency",Ve(n,Ee),{strips:Se(t)}),C(["In the pictures: thin line from the fastest to the slowest request, thick line from p10 to p90, bar at the median, dot at p99. Their scale is logarithmic."]),j("All percentiles",$("All percentiles",n)))}function Ie(e){const t=(0,L.w0)(e);if(!e.load?.timeline||t===null)return o;const{timeline:n}=e.load,r=n.map(({errorsPerSecond:s})=>s).filter(s=>s!==null),a=r.length>0&&r.every(s=>s===0)?["No error in any second."]:[];return b("Over time",we(n),C(a),j("In numbers",$("Over time",t)))}function Pe(e){const{services:t=[],controller:n=null,note:r=null}=e.load?.resources??{},a=[...t,...n?[n]:[]],s=(0,Me.i)(e),l=new Map(s?.rows.map((c,m)=>[c,a[m]?.containers??[]])),d=c=>{const m=c.filter(u=>u!==null);return m.length>0&&m.length===c.length?Math.max(...m):null};return b("Pods under load",$("Pods under load",s,{below:(c,m)=>{const u=[void 0,void 0,void 0,B.gf,void 0,B.xC][m];return u?je(d((l.get(c)??[]).map(u))):o}}),C([r??[]].flat()))}const Te={passed:"passed",failed:"failed",invalid:"other",inconclusive:"other",cancelled:"other"},We={"dashboard.html":"k6\u2019s own dashboard: the load over time","k6.log":"k6\u2019s log",services:"what the local services and their proxy said",evidence:"the nodes\u2019 logs, pods, events and descriptions at the end of the run","junit.xml":"verdict, stages, endpoints and gates as test cases","report.json":"all numbers, for programs","report.md":"this report as Markdown"};function Ae(e){const{context:t,startedAt:n,durationMs:r}=e,a=[t.repository&&i`${t.repository}`,t.workflow&&i`${[t.workflow,t.job].filter(Boolean).join(", ")}`,t.pullRequest!==null&&i`pull request ${String(t.pullRequest)}`,Ze(e),G(t.runUrl,"run"),i`started <time datetime="${n}">${n.slice(0,16).replace("T"," ")} UTC</time>`,i`${r===null?"not finished":`took ${(0,w.Xo)(r)}`}`,e.files.includes("dashboard.html")&&i`<a href="./dashboard.html">k6’s dashboard</a>`].filter(s=>s!==null&&s!==!1&&s!=="");return i`<header class="${Te[e.verdict]}">
<h1>${(0,H.Qw)(e)}</h1>
<p class="sentence">${(0,H.x7)(e)}</p>
<div class="soft">${I(a)}</div>
</header>`}function Ne({diagnosis:e}){if(!e)return o;const{title:t,code:n,cause:r,remedy:a,evidence:s,causes:l}=e,d=h=>i`<pre tabindex="0">${h.join(`
`)}</pre>`;return i`<section class="diagnosis">
<h2>What went wrong</h2>
<p class="soft">${t}${n===null?"":` \xB7 ${n}`}</p>
<p><strong>Cause:</strong> ${r}</p>
${a===null?o:i`<p><strong>What to do:</strong> ${a}</p>`}
${s.length>0?i`<h3>Evidence</h3>${d(s)}`:o}
${l.length>0?i`<details open><summary>Errors behind it</summary>${d(l)}</details>`:o}
</section>`}const Ue=15;function Be(e){const t=(0,w._p)(e);if(t===null||t.rows.length<=Ue)return b("Health",$("Health",t));const n=t.rows.filter(({mark:a})=>a!=="passed"),r=`All ${t.rows.length} probes${n.length===0?", every one healthy":""}`;return b("Health",n.length===0?o:$("Unhealthy",{...t,rows:n}),j(r,$("All probes",t)))}function Ge(e){const t=(0,w.ww)(e),n=t.rows.map(({detail:r,...a})=>r===void 0||r===e.diagnosis?.cause?a:{...a,detail:r});return b("Stages",i`<div class="stages">${$("Stages",{...t,rows:n},{strips:ze(e)})}</div>`)}function De({files:e}){const t=new Set([...e,"junit.xml","report.json","report.md"]);t.delete("report.html");const n=[...t].map(r=>{const a=We[r];return i`<a href="./${encodeURIComponent(r.toWellFormed())}">${r}</a>${a===void 0?"":`: ${a}`}`});return b("Files",I(n))}function Ze({context:{sha:e,repository:t,runUrl:n}}){if(!e)return null;const r=`commit ${e.slice(0,7)}`,a=`/${t}/commit/${e}`;return t&&n&&URL.canParse(a,n)&&G(new URL(a,n).href,r)||i`${r}`}const Qe=`
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
`;function qe(e){return i`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${[(0,H.Qw)(e),e.context.repository].filter(Boolean).join(" \u2013 ")}</title>
<style>${{markup:Qe}}</style>
</head>
<body>
${Ae(e)}
<main>
${Ne(e)}
${Fe(e)}
${b("Gates",$("Gates",(0,w.vF)(e)))}
${He(e)}
${Ie(e)}
${Pe(e)}
${Ge(e)}
${Be(e)}
${b("Infrastructure",$("Infrastructure",(0,w.Gr)(e)))}
${b(`Warnings (${e.warnings.length})`,I(e.warnings.map(n=>i`${n}`)))}
${De(e)}
</main>
</body>
</html>
`.markup.replace(/\n{2,}/g,`
`)}})};export{tt as id,nt as ids,rt as modules};
