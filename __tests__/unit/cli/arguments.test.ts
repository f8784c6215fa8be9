import { describe, expect, test } from '@jest/globals'
import { readArguments } from '../../../src/cli/arguments.ts'
import { type Command, type CommandName, commands } from '../../../src/cli/commands.ts'
import { inputOptions, type OwnOption, ownOptions } from '../../../src/cli/options.ts'

const names = Object.keys(commands) as CommandName[]
const problemsOf = (...argv: string[]) => {
  const read = readArguments(argv)
  return 'problems' in read ? read.problems : read
}

describe('a call', () => {
  test('without a word is run', () => {
    expect(readArguments([])).toEqual({ call: { command: 'run', inputs: {}, output: null, watch: false, operand: null } })
    expect(readArguments(['--vus', '5'])).toMatchObject({ call: { command: 'run', inputs: { vus: '5' } } })
  })

  test.each(names)('%s is known by its name, before or after its options', (name) => {
    const { operand }: Command = commands[name]
    const words = operand === null ? [] : ['word']
    const option = (commands[name].own as readonly string[]).includes('output') ? ['--output', 'x'] : []
    const call = { command: name, output: option.length > 0 ? 'x' : null, operand: words[0] ?? null }
    expect(readArguments([name, ...words, ...option])).toMatchObject({ call })
    expect(readArguments([...option, name, ...words])).toMatchObject({ call })
  })

  test.each(names.flatMap((name) => (commands[name] as Command).inputs.map((input) => [name, input] as const)))(
    '%s takes --%s in both spellings',
    (name, input) => {
      expect(readArguments([name, `--${input}`, 'a value'])).toMatchObject({ call: { inputs: { [input]: 'a value' } } })
      expect(readArguments([name, `--${input}=a value`])).toMatchObject({ call: { inputs: { [input]: 'a value' } } })
    },
  )

  test('keeps a value that looks like a gate, a list or a negative number', () => {
    expect(readArguments(['load', '--thresholds', 'p(95) < 1s\nfoo: rps > 2', '--vus=-1'])).toMatchObject({
      call: { inputs: { thresholds: 'p(95) < 1s\nfoo: rps > 2', vus: '-1' } },
    })
  })

  test('load watches when told', () => {
    expect(readArguments(['load', '--watch'])).toMatchObject({ call: { watch: true } })
  })
})

describe('help and version', () => {
  test.each(['--help', '-h'])('%s wins over whatever else is there', (flag) => {
    expect(readArguments([flag])).toEqual({ help: null })
    expect(readArguments(['--vuss', '5', flag])).toEqual({ help: null })
    expect(readArguments(['load', '--nonsense', flag])).toEqual({ help: 'load' })
    expect(readArguments(['lode', flag])).toEqual({ help: null })
  })

  test('--version asks for the version', () => {
    expect(readArguments(['--version'])).toEqual({ version: true })
  })
})

describe('a wrong call', () => {
  test.each([
    [['lod'], ['unknown command "lod"; did you mean load?']],
    [['zzzzzzzzzz'], ['unknown command "zzzzzzzzzz": expected run, up, health, load, down, validate, report, doctor']],
    [['--vuss', '5'], ['unknown option --vuss; did you mean --vus?']],
    [['--vuss=5'], ['unknown option --vuss; did you mean --vus?']],
    [['-x'], ['unknown option -x']],
    [['--github-token', 'ghs_1'], [expect.stringMatching(/^unknown option --github-token/)]],
    [['--vus'], ['--vus needs a value: a whole number from 1 to 10000']],
    [['--vus', '--duration', '10s'], ['--vus needs a value: a whole number from 1 to 10000']],
    [['--output'], ['--output needs a value: FOLDER']],
    [['load', '--watch=yes'], ['--watch takes no value']],
    [['--vus', '1', '--vus', '2'], ['--vus is given twice']],
    [['health', '--vus', '3'], ['health takes no --vus']],
    [['down', '--output', 'x'], ['down takes no --output']],
    [['run', '--watch'], ['run takes no --watch']],
    [['report'], ['report needs a word: FILE']],
    [['report', 'a.json', 'b.json'], ['"b.json" is one word too many; options look like --vus 5']],
    [['up', 'now'], ['"now" is one word too many; options look like --vus 5']],
  ])('%j is told what is wrong', (argv, problems) => {
    expect(problemsOf(...argv)).toEqual(problems)
  })

  test('names every problem at once', () => {
    expect(problemsOf('health', 'now', '--vuss', '1', '--duration', '1s')).toHaveLength(3)
  })
})

describe('the table', () => {
  test('has every option that a terminal can use in some command', () => {
    const taken = new Set<string>(names.flatMap((name) => [...commands[name].inputs, ...commands[name].own]))
    for (const name of inputOptions) expect(taken).toContain(name)
    for (const name of Object.keys(ownOptions).filter((option) => option !== 'help' && option !== 'version')) expect(taken).toContain(name)
  })

  test('has no option of two meanings', () => {
    expect(Object.keys(ownOptions).filter((name) => (inputOptions as readonly string[]).includes(name))).toEqual([])
    const shorts = Object.values<OwnOption>(ownOptions).flatMap(({ short }) => short ?? [])
    expect(new Set(shorts).size).toBe(shorts.length)
  })
})
