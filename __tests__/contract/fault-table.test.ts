import '../fakes/realm.ts'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { FakeObject } from '../fakes/kubernetes.ts'
import { crashingPod, deployment, node, pod, podWithoutImage } from '../fakes/kubernetes-objects.ts'
import { clusterName, type Machine, runJob, startMachine } from '../fakes/machine.ts'
import { type FaultOn, faults } from '../faults.ts'

type Name = FaultOn<'fakes'>
/** Makes the fault. What it returns undoes what the machine's own end does not. */
type Make = (machine: Machine) => unknown

/** The failure words of an engine's command, as kind repeats them. */
const engineSaid = (words: string) =>
  `ERROR: failed to create cluster: command "docker run --name ${clusterName}-control-plane" failed with error: exit status 125\nCommand Output: docker: Error response from daemon: ${words}`
const noLogLine = 'ERROR: failed to create cluster: could not find a log line that matches "Reached target .*Multi-User System.*"'
const k6Error = (message: string, code: number) => `complain(${JSON.stringify(`${JSON.stringify({ level: 'error', msg: message })}\n`)}); process.exit(${code})`

/** The pods of one deployment are these, and it never becomes available. */
const neverAvailable = ({ controllers, kubernetes }: Machine, name: string, ...pods: FakeObject[]) =>
  controllers.push((object) => {
    if (object.kind !== 'Deployment' || object.metadata.name !== name) return false
    const { namespace = '' } = object.metadata
    for (const one of pods) kubernetes.put({ ...one, metadata: { ...one.metadata, namespace } })
    kubernetes.put(deployment(name, 0, { namespace }))
    return true
  })

/** The rules of bar's Ingress are others than those that were applied. */
function changedRules({ controllers, kubernetes }: Machine, change: (rule: { host?: string }) => object): void {
  controllers.push((object) => {
    if (object.kind !== 'Ingress' || object.metadata.name !== 'bar') return false
    const spec = object.spec as { rules: { host?: string }[] }
    kubernetes.put({ ...object, spec: { ...spec, rules: spec.rules.map(change) } })
    return true
  })
}

const withFull =
  (file: string): Make =>
  async ({ setProgram, kind }) => {
    // kind knows the run's folder, and is there before whoever writes the file.
    await setProgram('kubectl', '')
    kind.onCreate(`
      const run = path.dirname(flag('--kubeconfig'))
      fs.mkdirSync(path.dirname(path.join(run, ${JSON.stringify(file)})), { recursive: true })
      fs.symlinkSync('/dev/full', path.join(run, ${JSON.stringify(file)}))
    `)
  }

const ways: Readonly<Record<Name, Make>> = {
  'no-engine': ({ path }) => rmSync(path('bin', 'docker')),
  'engine-without-daemon': ({ setProgram }) => setProgram('docker', `say('null')`),
  'name-taken': ({ kind }) => kind.addCluster(clusterName),
  'port-taken': async ({ inputs }) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    inputs['http-port'] = String((server.address() as AddressInfo).port)
    return () => new Promise((resolve) => server.close(resolve))
  },
  'port-taken-late': ({ kind }) =>
    kind.finish(engineSaid('driver failed programming external connectivity: Bind for 127.0.0.1:80 failed: port is already allocated')),
  'two-runs-at-once': ({ kind }) => {
    kind.onCreate(`fs.rmSync(cluster())`)
    kind.finish(`ERROR: failed to create cluster: node(s) already exist for a cluster with the name "${clusterName}"`)
  },
  'disk-full-in-engine': ({ kind }) => kind.finish(engineSaid('mkdir /var/lib/docker/overlay2/3f2a: no space left on device')),
  'registry-throttles': ({ kind }) => kind.finish(engineSaid('toomanyrequests: You have reached your unauthenticated pull rate limit.')),
  'node-image-unknown': ({ kind }) => kind.finish(engineSaid('manifest for kindest/node:v9 not found: manifest unknown')),
  'create-fails-twice': ({ kind }) => kind.finish(noLogLine),
  'create-fails-once': ({ kind }) => kind.onCreate(`if (callsOfCreate() === 1) fail(${JSON.stringify(noLogLine)})`),
  'kind-killed': ({ kind }) => kind.onCreate(`process.kill(process.pid, 'SIGKILL')`),
  'worker-cannot-join': ({ kind, controllers }) => {
    kind.unfinish()
    // Whoever applies something has been answered.
    controllers.push(() => {
      kind.finish(
        `ERROR: failed to create cluster: failed to join node with kubeadm: command "docker exec --privileged ${clusterName}-worker2 kubeadm join --config /kind/kubeadm.conf" failed with error: exit status 1\nCommand Output: error execution phase kubelet-start: the HTTP call to the kubelet failed`,
      )
      return true
    })
  },
  'worker-missing': ({ kubernetes, inputs }) => {
    inputs['node-ready-timeout'] = '5s'
    kubernetes.remove(node(`${clusterName}-worker2`, true))
  },
  'worker-not-ready': ({ kubernetes, inputs }) => {
    inputs['node-ready-timeout'] = '5s'
    kubernetes.put(node(`${clusterName}-worker`, false))
  },
  'dns-broken': ({ kubernetes, controllers }) =>
    controllers.push(({ kind, metadata: { name, namespace = '' } }) => {
      if (kind !== 'Pod') return false
      kubernetes.setLog(namespace, name, 'probe', `nslookup: can't resolve 'kubernetes.default.svc.cluster.local'\n`)
      kubernetes.put(pod(name, { namespace, phase: 'Failed', container: { name: 'probe', state: { terminated: { exitCode: 1 } } } }))
      return true
    }),
  'controller-crashes': (machine) => neverAvailable(machine, 'ingress-nginx-controller', crashingPod('ingress-nginx-controller-1')),
  'api-server-restarts': ({ kubernetes, controllers }) => {
    let restarted = false
    controllers.push(({ kind, metadata: { name } }) => {
      if (restarted || kind !== 'Deployment' || name !== 'bar') return false
      restarted = true
      kubernetes.endWatches('reset')
      kubernetes.fail({ status: 'reset', times: 10 })
      kubernetes.fail({ status: 503, times: 2 })
      return false
    })
  },
  'api-server-knows-nobody': ({ kubernetes }) => kubernetes.fail({ method: 'PATCH', path: /deployments\/foo$/, status: 401, times: 1000 }),
  'manifest-refused': ({ kubernetes }) =>
    kubernetes.fail({
      method: 'PATCH',
      path: /deployments\/foo$/,
      status: 403,
      message: 'deployments.apps "foo" is forbidden: violates PodSecurity "restricted:latest"',
      times: 1000,
    }),
  'service-crashes': (machine) => {
    neverAvailable(machine, 'foo', crashingPod('foo-1', 2))
    machine.kubernetes.setLog('mlops-services', 'foo-1', 'echo', 'flag provided but not defined\n', { previous: true })
  },
  'service-image-unknown': (machine) => neverAvailable(machine, 'bar', podWithoutImage('bar-1')),
  'node-stops': ({ kubernetes, answers }) => {
    answers.ingress = (_, response) => {
      const stopped = node(`${clusterName}-worker`, false)
      const condition = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }
      kubernetes.put({ ...stopped, status: { ...(stopped.status as object), conditions: [condition] } })
      response.writeHead(503).end()
    }
  },
  'wrong-host-rule': (machine) => {
    const { answers } = machine
    const { ingress } = answers
    changedRules(machine, (rule) => ({ ...rule, host: `wrong.${rule.host}` }))
    answers.ingress = (request, response) => (request.headers.host === 'bar.localhost' ? response.writeHead(404).end() : ingress(request, response))
  },
  'ingress-leads-nowhere': (machine) => {
    const { answers } = machine
    const { ingress } = answers
    const backend = { service: { name: 'bar-v2', port: { name: 'http' } } }
    changedRules(machine, (rule) => ({ ...rule, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }))
    answers.ingress = (request, response) => (request.headers.host === 'bar.localhost' ? response.writeHead(503).end() : ingress(request, response))
  },
  'nobody-listens-in-pod': ({ answers, kubernetes }) => {
    const { ingress } = answers
    kubernetes.setService('mlops-services', 'bar', {
      status: 503,
      body: 'error trying to reach service: dial tcp 10.244.1.7:5678: connect: connection refused',
    })
    answers.bar = (request) => request.destroy()
    answers.ingress = (request, response) => (request.headers.host === 'bar.localhost' ? response.writeHead(502).end() : ingress(request, response))
  },
  'ports-lead-nowhere': ({ answers, kubernetes }) => {
    for (const name of ['foo', 'bar']) kubernetes.setService('mlops-services', name, { status: 200, body: `${name}\n` })
    for (const front of ['ingress', 'foo', 'bar'] as const) answers[front] = () => {}
  },
  'base-url-refused': ({ inputs }) => {
    inputs['base-url'] = 'http://127.0.0.1:9'
  },
  'service-config-missing': (machine) =>
    neverAvailable(
      machine,
      'foo',
      pod('foo-1', { container: { state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "model-key" not found' } } } }),
    ),
  'services-mixed-up': ({ answers }) => {
    answers.ingress = (_, response) => response.end('foo\n')
  },
  'k6-killed': ({ setProgram }) => setProgram('k6', `process.kill(process.pid, 'SIGKILL'); forever()`),
  'k6-crashes': ({ setProgram }) => setProgram('k6', k6Error('panic', 109)),
  'k6-silent': ({ setProgram }) => setProgram('k6', ''),
  'load-script-broken': ({ setProgram }) => setProgram('k6', k6Error('ReferenceError: x is not defined', 107)),
  'gate-missed': ({ inputs }) => {
    inputs.thresholds = 'p(95) < 1ms'
  },
  'disk-full': withFull('k6/plan.json'),
  'disk-full-for-report': async (machine) => {
    machine.inputs.thresholds = 'p(95) < 1ms'
    await withFull('report/report.json')(machine)
  },
  'temp-unusable': ({ env, path }) => {
    writeFileSync(path('file'), '')
    env.RUNNER_TEMP = path('file', 'temp')
  },
  'github-refuses': ({ env }) => {
    env.GITHUB_API_URL = 'http://127.0.0.1:9'
  },
  'github-fails': ({ github }) => github.fail({ status: 503, times: 1000 }),
  'token-may-only-read': ({ github }) => github.fail({ method: 'POST', path: /comments$/, status: 403, times: 1000 }),
}

let machine: Machine
let undo: unknown
beforeEach(async () => {
  machine = await startMachine()
})
afterEach(async () => {
  if (typeof undo === 'function') await undo()
  undo = undefined
  await machine.close()
})

describe('a run that meets a fault on fakes', () => {
  test.each(Object.keys(ways) as Name[])(
    '%s',
    async (name) => {
      const fault = faults[name]
      undo = await ways[name](machine)
      const { main, post } = await runJob(machine)

      const { verdict, reason } = machine.outputs()
      expect({ verdict, reason, exitCode: main.exitCode }).toEqual({
        verdict: fault.verdict,
        reason: fault.reason ?? '',
        exitCode: fault.verdict === 'passed' ? 0 : 1,
      })
      expect({ post: post.exitCode, stderr: main.stderr + post.stderr }).toEqual({ post: 0, stderr: '' })
      const report = machine.report()
      if (report) {
        expect(report).toMatchObject({ verdict: fault.verdict, reason: fault.reason })
        expect(report.sentence).toMatch(fault.firstLine)
        const failed = report.stages.find(({ failure }) => failure !== null)
        expect({ stage: failed?.name ?? null, kind: failed?.failure?.kind ?? null, code: report.diagnosis?.code ?? null }).toEqual({
          stage: fault.stage,
          kind: fault.kind,
          code: fault.code,
        })
        if (failed) {
          expect(report.diagnosis).toMatchObject({ stage: fault.stage, kind: fault.kind, cause: failed.failure?.message })
          expect(report.diagnosis?.remedy).toMatch(/\S/)
        }
      } else {
        expect(machine.summary()).toMatch(new RegExp(fault.firstLine.source.replace(/^\^/, ''), 'im'))
      }
      // Nobody has to open an artifact to know it.
      expect(machine.summary()).toContain(`Pipeline ${fault.verdict}`)
      expect(machine.summary().match(/^### /gm)).toHaveLength(1)
      if (fault.verdict !== 'passed') expect(main.stdout).toMatch(new RegExp(`^::error title=Pipeline ${fault.verdict}::`, 'm'))
      // Not ours, and therefore still there.
      const others = name === 'name-taken' ? [`cluster ${clusterName}`] : []
      expect(await machine.left()).toEqual(others)
      if (!name.startsWith('github') && !name.startsWith('token')) expect(machine.github.comments().at(-1)?.body).toContain(`Pipeline ${fault.verdict}`)
    },
    60_000,
  )

  test('says what the second try was for', async () => {
    await ways['create-fails-once'](machine)
    await runJob(machine)
    expect(machine.report()?.warnings).toEqual([expect.stringMatching(/^The cluster was created at the second try\. The first: .*could not find a log line/)])
  }, 60_000)
})
