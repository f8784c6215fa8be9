import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { renderJunit } from '../../../src/report/junit.ts'
import { failedRecord, failureOf, fullLoadOf, recordOf, reportOf, reports, skipped } from '../runs.ts'
import { hostileText, reportWith } from './hostile.ts'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** Reads XML with a strict parser that is not the builder's own; throws at the first thing that is not well-formed. */
function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    const element: Element = { name, attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', (text) => {
    const element = open.at(-1)
    if (element) element.text += text
  })
  parser.write(xml).close()
  return root.children[0] ?? root
}

/** Children in the order that JUnit's schema asks for, and the attributes that it wants. */
const schema: Readonly<Record<string, { readonly children: readonly string[]; readonly attributes: readonly string[] }>> = {
  testsuites: { children: ['testsuite'], attributes: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'] },
  testsuite: { children: ['properties', 'testcase'], attributes: ['name', 'tests', 'failures', 'errors', 'skipped', 'time', 'timestamp'] },
  properties: { children: ['property'], attributes: [] },
  property: { children: [], attributes: ['name', 'value'] },
  testcase: { children: ['skipped', 'error', 'failure', 'system-out'], attributes: ['classname', 'name', 'time'] },
  skipped: { children: [], attributes: ['message'] },
  error: { children: [], attributes: ['message', 'type'] },
  failure: { children: [], attributes: ['message', 'type'] },
  'system-out': { children: [], attributes: [] },
}

function expectJunit(element: Element): void {
  const { name, attributes, children } = element
  const rule = schema[name]
  expect([name, rule !== undefined]).toEqual([name, true])
  expect(Object.keys(attributes)).toEqual(rule?.attributes)
  const order = children.map((child) => rule?.children.indexOf(child.name) ?? -1)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(order).not.toContain(-1)
  if (name === 'testcase') expect(children.filter((child) => ['skipped', 'error', 'failure'].includes(child.name)).length).toBeLessThanOrEqual(1)
  for (const count of ['tests', 'failures', 'errors', 'skipped']) if (count in attributes) expect(attributes[count]).toBe(String(countOf(element, count)))
  if ('time' in attributes) expect(attributes.time).toMatch(/^\d+\.\d{3}$/)
  if ('timestamp' in attributes) expect(attributes.timestamp).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/)
  children.forEach(expectJunit)
}

function casesOf(element: Element): Element[] {
  return element.name === 'testcase' ? [element] : element.children.flatMap(casesOf)
}

function countOf(element: Element, what: string): number {
  const outcome = { failures: 'failure', errors: 'error', skipped: 'skipped' }[what]
  return casesOf(element).filter(({ children }) => outcome === undefined || children.some(({ name }) => name === outcome)).length
}

function caseOf(xml: string, name: string): Element | undefined {
  return casesOf(parseXml(xml)).find(({ attributes }) => attributes.name === name)
}

describe('junit.xml', () => {
  test.each(Object.entries(reports))('of a run: %s', (_, report) => {
    const xml = renderJunit(report)
    expect(xml).toMatchSnapshot()
    expectJunit(parseXml(xml))
  })

  test('is green for a passed run alone', () => {
    for (const report of Object.values(reports)) {
      const { failures, errors } = parseXml(renderJunit(report)).attributes
      expect(Number(failures) + Number(errors) === 0).toBe(report.verdict === 'passed')
    }
  })

  test.each(['workload', 'infrastructure', 'measurement', 'config'] as const)('tells the workload’s failures from errors: %s', (kind) => {
    const xml = renderJunit(reportOf(failedRecord(failureOf('bar does not start', { kind, code: 'crash-loop', evidence: ['exit code 1', 'log: bye'] }))))
    const [outcome, output] = caseOf(xml, 'Services (foo, bar)')?.children ?? []
    expect(outcome?.name).toBe(kind === 'workload' ? 'failure' : 'error')
    expect(outcome?.attributes).toEqual({ message: 'bar does not start', type: 'crash-loop' })
    expect(output?.text).toBe('exit code 1\nlog: bye')
  })

  test.each([
    ['was left out', 'kind', { ...skipped, leftOut: 'there is no container engine' }, 'there is no container engine'],
    ['never began', 'load', skipped, 'an earlier stage did not pass'],
  ])('skips a stage that %s, with the reason', (_, name, change, reason) => {
    const report = reportOf(recordOf({ [name]: change }))
    const [outcome] = caseOf(renderJunit(report), report.stages.find((stage) => stage.name === name)?.title ?? '')?.children ?? []
    expect([outcome?.name, outcome?.attributes.message]).toEqual(['skipped', reason])
  })

  test('has times in seconds', () => {
    expect(caseOf(renderJunit(reports.passed), 'Boot the cluster')?.attributes.time).toBe('15.250')
    expect(caseOf(renderJunit(reports.passed), 'ingress http://127.0.0.1/ (Host: foo.localhost)')?.attributes.time).toBe('0.003')
  })

  test('calls a gate without a value an error, with the limit', () => {
    const [outcome] = caseOf(renderJunit(reports['no data']), 'p(95) < 500 ms')?.children ?? []
    expect([outcome?.name, outcome?.attributes.message]).toEqual(['error', 'p(95) has no value, the gate is < 500 ms'])
  })

  test('is well-formed and has the same shape whatever text from outside stands in it', () => {
    const shape = ({ name, children }: Element): unknown => [name, children.map(shape)]
    const plain = JSON.stringify(shape(parseXml(renderJunit(reportWith('plain')))))
    const text = fc.oneof(hostileText, fc.string({ unit: 'binary' }), fc.constantFrom(']]>', '<![CDATA[', '&#0;', '\uFFFE\uD800', 'true', '\u0000\u0008\u001f'))
    fc.assert(
      fc.property(text, (text) => {
        const root = parseXml(renderJunit(reportWith(`x${text}`)))
        expect(JSON.stringify(shape(root))).toBe(plain)
        expectJunit(root)
      }),
      { numRuns: 100 },
    )
  }, 30_000)

  test('keeps what XML can hold as it was', () => {
    const words = `a < b && "c" 'd' ]]> \u{1f600} é`
    const xml = renderJunit(reportOf(failedRecord(failureOf(words, { evidence: [words] }))))
    const [outcome, output] = caseOf(xml, 'Services (foo, bar)')?.children ?? []
    expect([outcome?.attributes.message, output?.text]).toEqual([words, words])
  })

  test('of a load that ended early is not green', () => {
    const report = reportOf(recordOf({ load: { status: 'running', data: fullLoadOf() } }))
    expect(Number(parseXml(renderJunit(report)).attributes.errors)).toBeGreaterThan(0)
  })
})
