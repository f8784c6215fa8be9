import '../fakes/realm.ts'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { killTree } from '../act/processes.ts'
import type { RunningEntry } from '../fakes/entry.ts'
import { eventually } from '../fakes/eventually.ts'
import { deployment } from '../fakes/kubernetes-objects.ts'
import { clusterName, type Machine, startMachine } from '../fakes/machine.ts'
import { callsOf, isAlive } from '../fakes/programs.ts'

let machine: Machine
beforeEach(async () => {
  machine = await startMachine()
})
afterEach(() => machine.close())

const neverAvailable = (name: string) =>
  machine.controllers.push((object) => {
    if (object.kind !== 'Deployment' || object.metadata.name !== name) return false
    machine.kubernetes.put(deployment(name, 0, { namespace: object.metadata.namespace ?? '' }))
    return true
  })

/** A moment of a run: what keeps it there, and how to tell that it has come. */
interface Moment {
  readonly stay: () => unknown
  readonly come: RegExp
  /** Title of the stage that is cut off. */
  readonly during: RegExp
}

/** k6 that runs until it is told to end; `deaf` does not listen to SIGTERM. */
const k6 = (deaf = false) => machine.setProgram('k6', `${deaf ? `process.on('SIGTERM', () => {});` : ''} forever()`)
const moments: Readonly<Record<string, Moment>> = {
  'the engine is looked for': { stay: () => machine.setProgram('docker', 'forever()'), come: /looking for a container engine/, during: /Boot the cluster/ },
  'the cluster boots': {
    stay: () => {
      machine.kind.unfinish()
      // The control plane has none yet.
      machine.kind.boot('')
    },
    come: /kind: Preparing nodes/,
    during: /Boot the cluster/,
  },
  'the workers join': { stay: () => machine.kind.unfinish(), come: /Load .*: done/, during: /Nodes, system pods and DNS/ },
  'the ingress rolls out': { stay: () => neverAvailable('ingress-nginx-controller'), come: /Services .*: done/, during: /Ingress \(nginx\)/ },
  'the services roll out': { stay: () => neverAvailable('foo'), come: /Ingress .*: done/, during: /Services \(foo, bar\)/ },
  'health is asked': {
    stay: () => {
      machine.answers.ingress = () => {}
      machine.inputs['health-check-retries'] = '1000'
    },
    come: /Health …/,
    during: /Health/,
  },
  'the load runs': { stay: () => k6(), come: /VUs for .* on/, during: /Load/ },
}

/** Starts main and waits for the moment. */
async function mainAt({ stay, come }: Moment): Promise<RunningEntry> {
  await stay()
  const main = machine.startMain()
  await eventually(`main says ${come}`, () => come.test(main.said()), 30_000)
  if (come === moments['the load runs']?.come) await eventually('k6 runs', () => callsOf(machine.path('k6')).some(({ args }) => args[0] === 'run'), 30_000)
  return main
}

async function expectCancelled(during: RegExp): Promise<void> {
  expect(machine.report()).toMatchObject({ verdict: 'cancelled', reason: 'cancel' })
  expect(machine.report()?.sentence).toMatch(new RegExp(`^cancelled during: .*${during.source}`))
  expect(machine.summary()).toContain('Pipeline cancelled')
  expect(machine.github.comments().at(-1)?.body).toContain('Pipeline cancelled')
  expect(machine.outputs()).toMatchObject({ verdict: 'cancelled', reason: 'cancel' })
  expect(await machine.left()).toEqual([])
}

describe('a cancel', () => {
  test.each(Object.entries(moments))(
    'while %s: main stops its programs and goes, post does the rest',
    async (_, moment) => {
      const main = await mainAt(moment)
      main.child.kill('SIGINT')
      main.child.kill('SIGTERM')
      expect((await main.done).exitCode).toBe(1)
      // Nothing of main runs any more when post begins.
      for (const { pid } of machine.calls()) expect(await isAlive(pid)).toBe(false)
      expect(machine.summary()).toBe('')
      const post = await machine.startPost().done
      expect({ exitCode: post.exitCode, stderr: post.stderr }).toEqual({ exitCode: 0, stderr: '' })
      await expectCancelled(moment.during)
    },
    60_000,
  )

  test.each(['the cluster boots', 'the load runs'])(
    'while %s, with the whole tree killed after the first signal: post knows it as a cancel',
    async (name) => {
      const moment = moments[name] as Moment
      const main = await mainAt(name === 'the load runs' ? { ...moment, stay: () => k6(true) } : moment)
      main.child.kill('SIGINT')
      await eventually('main has heard it', () => machine.outputs().verdict === 'cancelled')
      await killTree(main.child.pid as number)
      await main.done
      expect((await machine.startPost().done).exitCode).toBe(0)
      await expectCancelled(moment.during)
    },
    60_000,
  )

  test('that comes when every stage has passed keeps the run’s own verdict', async () => {
    // GitHub keeps main waiting for its comment.
    machine.github.fail({ status: 'hang', times: 1000 })
    const main = machine.startMain()
    await eventually('the run is judged, and its comment being written', () => main.said().includes('passed: all 3 gates held'), 50_000)
    main.child.kill('SIGINT')
    const done = await main.done
    expect(done.exitCode).toBe(0)
    expect(machine.outputs()).toMatchObject({ verdict: 'passed', reason: '' })
    machine.github.recover()
    await machine.startPost().done
    expect(machine.report()).toMatchObject({ verdict: 'passed' })
    expect(machine.github.comments().at(-1)?.body).toContain('Pipeline passed')
    expect(await machine.left()).toEqual([])
  }, 60_000)
})

describe('a main that is killed without a word', () => {
  test.each(['the cluster boots', 'the load runs'])(
    'while %s: its guard ends what it ran, and post reports that it broke',
    async (name) => {
      const moment = moments[name] as Moment
      const main = await mainAt(name === 'the load runs' ? { ...moment, stay: () => k6(true) } : moment)
      main.child.kill('SIGKILL')
      await main.done
      await eventually(
        'its programs have ended',
        async () => (await Promise.all(machine.calls().map(({ pid }) => isAlive(pid)))).every((alive) => !alive),
        30_000,
      )
      expect((await machine.startPost().done).exitCode).toBe(0)
      expect(machine.report()).toMatchObject({ verdict: 'invalid', reason: 'infrastructure' })
      expect(machine.report()?.sentence).toMatch(/^the action’s process ended unexpectedly/)
      expect(machine.kind.clusters()).not.toContain(clusterName)
      expect(await machine.left()).toEqual([])
    },
    60_000,
  )
})
