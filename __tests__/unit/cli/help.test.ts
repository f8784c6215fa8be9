import { describe, expect, test } from '@jest/globals'
import { type Command, type CommandName, commands } from '../../../src/cli/commands.ts'
import { helpText } from '../../../src/cli/help.ts'
import { environmentNames } from '../../../src/config/config.ts'

const names = Object.keys(commands) as CommandName[]

describe('the help', () => {
  test('of the program lists every command with its summary, and the options of run', () => {
    const text = helpText(null, '1.2.3')
    expect(text).toContain('mlops-pipeline 1.2.3')
    for (const name of names) expect(text).toMatch(new RegExp(`^  ${name} +${commands[name].summary.slice(0, 20)}`, 'm'))
    for (const name of commands.run.inputs) expect(text).toContain(`  --${name}\n`)
  })

  test.each(names)('of %s shows exactly the options it takes, each with its environment variables', (name) => {
    const text = helpText(name, '1.2.3')
    const { inputs, own, operand }: Command = commands[name]
    const shown = [...text.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, option]) => option)
    expect(shown).toEqual([...inputs, ...own, 'help', 'version'])
    for (const input of inputs) expect(text).toContain(`Environment: ${environmentNames(input).join(', ')}`)
    if (operand) expect(text).toContain(`mlops-pipeline ${name} ${operand}`)
    expect(text).toContain('Exit codes: 0 passed, 1 failed, 2 invalid, 3 bad usage, 130 cancelled.')
    expect(text).not.toContain('`')
  })
})
