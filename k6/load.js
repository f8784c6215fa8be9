// The default load: every iteration asks one service (with a rate its scenario's, else one at random) and checks its answer.
// What to do is data: MLOPS_PLAN names the file that the load stage wrote (stages/load/plan.ts).
import { check, sleep } from 'k6'
import http from 'k6/http'
import { Rate, Trend } from 'k6/metrics'
import { framed } from './frame.js'

const plan = JSON.parse(open(__ENV.MLOPS_PLAN))
const errors = new Rate('mlops_errors')
// k6 counts a refused connection as 0 ms, which would pass every gate. Here a request without an answer has no
// latency, and one that timed out has the timeout's.
const latency = new Trend('mlops_latency', true)
const timedOut = 1050
// Whether a user that slept woke late: then k6 was short of CPU, and what it measures is longer than it was.
const late = new Rate('mlops_late')
const pulseMs = 100
const lateMs = 25

export const options = plan.options

const targets = plan.routes.map(({ name, url, host, expect }) => ({
  url,
  tags: { service: name },
  params: {
    headers: host === null ? {} : { Host: host },
    tags: { service: name, name },
    timeout: plan.timeoutMs,
    redirects: 0,
    responseCallback: http.expectedStatuses(expect.status),
  },
  checks: {
    [`status is ${expect.status}`]: (response) => response.status === expect.status,
    ...(expect.body === null ? {} : { 'body is the service’s own': (response) => String(response.body).trim() === expect.body }),
  },
}))

function ask({ url, params, checks, tags }) {
  const response = http.get(url, params)
  if (response.status !== 0) latency.add(response.timings.duration, tags)
  else if (response.error_code === timedOut) latency.add(plan.timeoutMs, tags)
  const ok = check(response, checks, tags)
  errors.add(!ok, tags)
}

export function anyService() {
  ask(targets[Math.floor(Math.random() * targets.length)])
}

export function oneService() {
  ask(targets.find(({ tags }) => tags.service === __ENV.MLOPS_SERVICE))
}

export function pulse() {
  const began = Date.now()
  sleep(pulseMs / 1000)
  late.add(Date.now() - began > pulseMs + lateMs)
}

/** k6's numbers as they are; the report is made from them elsewhere. */
export function handleSummary(data) {
  const text = JSON.stringify(data)
  return { [plan.summaryFile]: plan.frame ? framed(text, plan.frame) : text }
}
