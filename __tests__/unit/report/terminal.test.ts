import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { PipelineEvent } from '../../../src/pipeline/run.ts'
import { eventLine, renderTerminal } from '../../../src/report/terminal.ts'
import { failedRecord, failureOf, loadOf, metricsOf, recordOf, reportOf, reports } from '../runs.ts'

const [stage] = recordOf({ kind: { durationMs: 1249 } }).stages as [PipelineEvent['stage']]

describe('the line of an event', () => {
  test.each<[string, PipelineEvent, number]>([
    ['[  0.0 s] Install kind 0.33.0 …', { type: 'started', stage }, 0],
    ['[  1.3 s]   Install kind 0.33.0: 3 of 4 MB', { type: 'progress', stage, message: '3 of 4 MB' }, 1250],
    ['[ 61.0 s] Install kind 0.33.0: done in 1.2 s', { type: 'finished', stage }, 61_000],
    ['[1234.5 s] Install kind 0.33.0: cancelled after 1.2 s', { type: 'finished', stage: { ...stage, status: 'cancelled' } }, 1_234_500],
    [
      '[  2.0 s] Install kind 0.33.0: failed after 1.2 s: no such host',
      { type: 'finished', stage: { ...stage, status: 'failed', failure: failureOf('no such host') } },
      2000,
    ],
  ])('%s', (line, event, elapsedMs) => {
    expect(eventLine(event, elapsedMs)).toBe(line)
  })
})

describe('the result in a terminal', () => {
  test.each(Object.entries(reports))('%s', (_, report) => {
    expect(renderTerminal(report)).toMatchSnapshot()
  })

  test('has columns that line up', () => {
    for (const report of Object.values(reports)) {
      const lines = renderTerminal(report).split('\n')
      const head = lines.find((line) => line.includes('Started at')) ?? ''
      const durations = lines.filter((line) => /^ {2}. .* \d+\.\d s$/.test(line))
      expect(durations.length).toBeGreaterThan(1)
      for (const line of durations) expect(line).toHaveLength(head.length)
    }
  })

  test('has no colour unless asked for, and the same text with it', () => {
    for (const report of Object.values(reports)) {
      const colored = renderTerminal(report, { color: true })
      expect(colored).not.toBe(renderTerminal(report))
      expect(stripVTControlCharacters(colored)).toBe(renderTerminal(report))
    }
  })

  test('shows in colour what to look at', () => {
    const lines = renderTerminal(reports['gate failed'], { color: true }).split('\n')
    expect(lines.find((line) => line.includes('bar: error-rate'))).toContain(`${red}✗`)
    expect(lines.at(-1)).toContain(red)
  })
})

const red = '\u001b[31m'

/**
 * The lines of a job log that the runner would obey: `::name …::` at a line's beginning, and
 * `##[name …]` anywhere in a line (TryParseV2 and TryParse of actions/runner, ActionCommand.cs).
 */
function workflowCommands(log: string): string[] {
  return log.split(/\r\n|\r|\n/).filter((line) => line.trimStart().startsWith('::') || line.includes('##['))
}

describe('text from outside in a job log', () => {
  const commands = [
    '::set-output name=verdict::passed',
    '\n::stop-commands::x',
    'x\r\n  ::add-mask::a',
    '\r::error::x',
    '##[save-state name=cluster;]{"kind":"/tmp/evil"}',
    'log line: ##[add-path]/tmp/evil',
    '###[group]',
  ]
  const lines = (text: string) => {
    const failure = failureOf(text, { remedy: text, causes: [text], evidence: [text, text] })
    const failed = { ...stage, status: 'failed' as const, failure }
    return [
      eventLine({ type: 'progress', stage, message: text }, 0),
      eventLine({ type: 'finished', stage: failed }, 0),
      renderTerminal(reportOf(failedRecord(failure))),
      renderTerminal(reportOf(recordOf({ load: { data: loadOf({ services: { [text]: metricsOf() } }) } }))),
    ]
  }

  test.each(commands)('is never a workflow command: %j', (text) => {
    expect(lines(text).flatMap(workflowCommands)).toEqual([])
  })

  test('is one line of printable characters, whatever it is', () => {
    const parts = fc.oneof(fc.constantFrom(...commands, '\u001b[2J', '\u0007', '\u0085', '\n'), fc.string({ unit: 'grapheme' }))
    const plain = lines('plain').map((each) => each.split('\n').length)
    fc.assert(
      fc.property(fc.array(parts), (texts) => {
        const seen = lines(`x${texts.join('')}`)
        expect(seen.flatMap(workflowCommands)).toEqual([])
        expect(seen.map((each) => each.split('\n').length)).toEqual(plain)
        for (const each of seen) expect(each.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
      }),
    )
  })
})
