/** The plan that k6 was given, and metrics as it measures them: a hundred requests of each scope, so many of them wrong. */
export const k6Metrics = (wrong: number) => `
const plan = JSON.parse(fs.readFileSync(process.env.MLOPS_PLAN, 'utf8'))
const rate = (passes, fails) => ({ type: 'rate', contains: 'default', values: { rate: passes / (passes + fails), passes, fails } })
const trend = { type: 'trend', contains: 'time', values: { count: 100, min: 1, avg: 2, med: 2, max: 9, 'p(90)': 3, 'p(95)': 4, 'p(99)': 8 } }
const scopes = ['', ...plan.routes.map(({ name }) => '{service:' + name + '}')]
const metrics = Object.fromEntries(scopes.flatMap((scope) => [
  ['http_reqs' + scope, { type: 'counter', contains: 'default', values: { count: 100, rate: 25 } }],
  ['http_req_duration' + scope, trend], ['mlops_latency' + scope, trend], ['mlops_errors' + scope, rate(${wrong}, ${100 - wrong})], ['checks' + scope, rate(${200 - wrong}, ${wrong})],
]))`

/** What the real k6 leaves at its end, as a fixture's script. */
export const k6Summary = (more = '') => `${k6Metrics(1)}
fs.writeFileSync(plan.summaryFile, JSON.stringify({ state: { testRunDurationMs: 4001.5 }, metrics }))
fs.writeFileSync(process.env.K6_WEB_DASHBOARD_EXPORT, '<html>dashboard</html>')
${more}`
