import { describe, expect, test } from '@jest/globals'
import type { EventObject, PodObject } from '../../../src/stages/kubernetes.ts'
import { podEvidence } from '../../../src/stages/pod-evidence.ts'
import { describeProbe, endedByProbe, probeTrouble, runsUnready } from '../../../src/stages/probe-trouble.ts'
import { containerOf, crashingPod, podOf, readyPod } from './objects.ts'

const running = podOf('foo-1', {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [echo]' }],
  containerStatuses: [containerOf({ state: { running: {} } })],
})
const asking = (probe: object): PodObject => ({
  ...running,
  spec: { nodeName: 'worker', containers: [{ name: 'echo', ...probe }] },
})
const event = (reason: string, message: string, second = 0, name = 'foo-1', type = 'Warning'): EventObject => ({
  metadata: { name: `${reason}-${second}` },
  involvedObject: { kind: 'Pod', name },
  type,
  reason,
  message,
  count: 4,
  lastTimestamp: `2026-11-27T10:00:0${second}Z`,
})

describe('a probe that fails', () => {
  test.each([
    ['Readiness probe failed: HTTP probe failed with statuscode: 500', 'its readiness probe fails: HTTP probe failed with statuscode: 500'],
    [
      'Liveness probe failed: dial tcp 10.244.1.2:80: connect: connection refused',
      'its liveness probe fails: dial tcp 10.244.1.2:80: connect: connection refused',
    ],
    ['Startup probe failed: cat: /tmp/ready: No such file\n', 'its startup probe fails: cat: /tmp/ready: No such file'],
    ['Readiness probe failed: ', 'its readiness probe fails: no answer'],
    ['Readiness probe errored and resulted in unknown state: rpc error', 'its readiness probe fails: rpc error'],
  ])('%j is told as what it got', (message, words) => {
    const found = probeTrouble(running, [event('Unhealthy', message)])
    expect(found && describeProbe(found)).toBe(words)
  })

  test.each([
    ['GET /health on port http', { readinessProbe: { httpGet: { path: '/health', port: 'http' } } }],
    ['GET / on port 80', { readinessProbe: { httpGet: { port: 80 } } }],
    ['a connection to port 1', { readinessProbe: { tcpSocket: { port: 1 } } }],
    ['gRPC health on port 9', { readinessProbe: { grpc: { port: 9 } } }],
    ['the command cat /tmp/ready', { readinessProbe: { exec: { command: ['cat', '/tmp/ready'] } } }],
    ['', { livenessProbe: { tcpSocket: { port: 1 } } }],
  ])('asked for %j', (asks, probe) => {
    expect(probeTrouble(asking(probe), [event('Unhealthy', 'Readiness probe failed: no')])?.asks).toBe(asks)
  })

  test('is the one that was seen last, of that pod alone', () => {
    const events = [
      event('Unhealthy', 'Readiness probe failed: second', 5),
      event('Unhealthy', 'Readiness probe failed: first', 1),
      event('Unhealthy', 'Readiness probe failed: other', 9, 'bar-1'),
      event('BackOff', 'Readiness probe failed: not one', 9),
    ]
    expect(probeTrouble(running, events)?.got).toBe('second')
    expect(probeTrouble(running, [])).toBeUndefined()
    expect(probeTrouble(running, events, ['liveness'])).toBeUndefined()
  })

  test('ends a container when the kubelet says that it does', () => {
    const failed = event('Unhealthy', 'Liveness probe failed: connection refused')
    const killing = event('Killing', 'Container echo failed liveness probe, will be restarted', 1, 'foo-1', 'Normal')
    expect(endedByProbe(crashingPod('foo-1', 3), [failed, killing])?.probe).toBe('liveness')
    // A container that is down by itself fails its probe, too.
    expect(endedByProbe(crashingPod('foo-1', 3), [failed])).toBeUndefined()
  })

  test.each<[string, PodObject, boolean]>([
    ['runs', running, true],
    ['is ready', readyPod('foo-1'), false],
    ['crashes', crashingPod('foo-1', 2), false],
    ['is not there yet', podOf('foo-1'), false],
  ])('is what a pod waits for when it %s: %#', (_, pod, expected) => {
    expect(runsUnready(pod)).toBe(expected)
  })
})

describe('the evidence of a pod', () => {
  test('is its containers, their last words, the last warnings each once, and its conditions', () => {
    const warnings = [
      event('Unhealthy', 'Readiness probe failed: 500', 2),
      event('Unhealthy', 'Readiness probe failed: 500', 3),
      event('BackOff', 'Back-off restarting', 4),
      event('Pulled', 'there', 5, 'foo-1', 'Normal'),
    ]
    expect(podEvidence(asking({}), { events: warnings, log: ['one', 'two'] })).toEqual([
      'pod foo-1, container echo: running, not ready',
      'log: one',
      'log: two',
      'event Unhealthy (4 times): Readiness probe failed: 500',
      'event BackOff (4 times): Back-off restarting',
      'pod foo-1 on worker: ContainersNotReady: containers with unready status: [echo]',
    ])
  })

  test('has the exit code, the restarts and the memory limit of one that was killed', () => {
    const killed = podOf(
      'foo-1',
      {
        containerStatuses: [
          containerOf({
            restartCount: 1,
            state: { waiting: { reason: 'CrashLoopBackOff' } },
            lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', signal: 9 } },
          }),
        ],
      },
      '64Mi',
    )
    expect(podEvidence(killed, { events: [], log: [] })).toEqual([
      'pod foo-1, container echo: waiting (CrashLoopBackOff), the run before ended with exit code 137 (OOMKilled, signal 9), 1 restart, memory limit 64Mi',
    ])
  })
})
