import { describe, expect, test } from '@jest/globals'
import { diagnose } from '../../../src/doctor/checks.ts'
import type { MachineFacts } from '../../../src/doctor/facts.ts'
import { renderDoctor, summarize } from '../../../src/report/doctor.ts'
import { bareLaptop, machineOf, noEngine } from '../doctor/machines.ts'
import { configOf } from '../runs.ts'

const taken = machineOf({ takenPorts: [{ port: 80, listener: 'nginx (pid 42)' }] })
const results = (facts: MachineFacts) => diagnose(facts, configOf())

describe('what the doctor says', () => {
  test.each<[string, MachineFacts]>([
    ['a good machine', machineOf()],
    ['no engine', machineOf({ engine: noEngine, clusters: null, cgroupVersion: 1, inotify: { watches: 8192, instances: 128 } })],
    ['a taken port', taken],
    ['a bare laptop', bareLaptop],
  ])('of %s', (_, facts) => {
    expect(`\n${renderDoctor(results(facts), { color: false })}\n`).toMatchSnapshot()
  })

  test('has problems last, each with its remedy beneath', () => {
    const lines = renderDoctor(results(machineOf({ engine: noEngine, clusters: null, cpus: 1 })), { color: false }).split('\n')
    const statuses = lines.flatMap((line) => /^(ok|unknown|warning|problem) /.exec(line)?.[1] ?? [])
    expect([...new Set(statuses)]).toEqual(['ok', 'unknown', 'warning', 'problem'])
    expect(lines.at(-3)).toContain('→ Start Docker or podman.')
  })

  test('is the same in colour', () => {
    const plain = renderDoctor(results(taken), { color: false })
    const coloured = renderDoctor(results(taken), { color: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what colours are made of
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain)
    expect(coloured).toContain('\u001b[31mproblem\u001b[0m')
  })

  test('is one line for each text from outside, without control characters', () => {
    const hostile = machineOf({
      engine: { failure: 'a\n::add-mask::x\u001b[2J##[group]', remedy: 'b\nc' },
      takenPorts: [{ port: 80, listener: 'x\u001b]0;y\u0007' }],
    })
    const text = renderDoctor(results(hostile), { color: false })
    expect(text.split('\n').filter((line) => line.trimStart().startsWith('::'))).toEqual([])
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|##\[/u)
  })
})

describe('in one sentence', () => {
  test.each<[string, MachineFacts]>([
    ['ready for kind', machineOf()],
    ['ready for kind (1 warning)', machineOf({ cpus: 1 })],
    ['ready for local processes only: no container engine answers', machineOf({ engine: noEngine, clusters: null })],
    ['ready for local processes only (--cluster local): Ports on 127.0.0.1: 80 (http-port) is taken by nginx (pid 42)', taken],
    ['not ready: k6: not on PATH, and it cannot be downloaded (1 warning)', bareLaptop],
  ])('%s', (sentence, facts) => {
    expect(summarize(results(facts))).toBe(sentence)
  })
})
