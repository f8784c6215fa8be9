import { describe, expect, test } from '@jest/globals'
import { isAllowed, licenceProblems, productionDependencies } from '../../scripts/licences.ts'

describe('a licence', () => {
  test.each(['MIT', 'ISC', '0BSD', '(MIT OR GPL-3.0)', 'GPL-3.0 OR Apache-2.0', '(Apache-2.0 AND BSD-3-Clause)'])('%s may be shipped', (licence) => {
    expect(isAllowed(licence)).toBe(true)
  })

  test.each([
    'GPL-3.0',
    'mit',
    '',
    'UNLICENSED',
    'SEE LICENSE IN LICENSE',
    'MIT AND GPL-3.0',
    '(GPL-2.0 OR GPL-3.0)',
    '(MIT OR GPL-3.0) AND GPL-3.0',
    'MIT/X11',
  ])('%j may not', (licence) => {
    expect(isAllowed(licence)).toBe(false)
  })
})

describe('the dependencies that ship', () => {
  const packages = {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.0.0', license: 'MIT' },
    'node_modules/@scope/b': { version: '2.0.0' },
    'node_modules/a/node_modules/@scope/b': { version: '3.0.0', license: 'ISC' },
    'node_modules/c/node_modules/a': { version: '1.0.0', license: 'MIT' },
    'node_modules/alias': { name: 'real', version: '1.0.0', license: 'MIT' },
    'node_modules/tool': { version: '1.0.0', dev: true },
    'node_modules/optional-tool': { version: '1.0.0', devOptional: true },
  }

  test('are those of the lock file that are not for development, each version once, with the licence of what is installed where it tells none', () => {
    const asked: string[] = []
    const found = productionDependencies({ packages }, (folder) => {
      asked.push(folder)
      return 'Apache-2.0'
    })
    expect(found).toEqual([
      { name: '@scope/b', version: '2.0.0', licence: 'Apache-2.0' },
      { name: '@scope/b', version: '3.0.0', licence: 'ISC' },
      { name: 'a', version: '1.0.0', licence: 'MIT' },
      { name: 'real', version: '1.0.0', licence: 'MIT' },
    ])
    expect(asked).toEqual(['node_modules/@scope/b'])
  })

  const odd = { name: 'odd', version: '1.0.0', licence: 'Beerware' }
  const silent = { name: 'silent', version: '1.0.0', licence: null }

  test('are refused, all at once, with another licence or none', () => {
    expect(licenceProblems([odd, { name: 'a', version: '1.0.0', licence: 'MIT' }, silent], {})).toEqual([
      expect.stringContaining('odd@1.0.0 has the licence Beerware; expected one of MIT, '),
      expect.stringContaining('silent@1.0.0 has no licence; expected one of MIT, '),
    ])
  })

  test('may be named as exceptions, for the licence that was looked at', () => {
    const named = { odd: { licence: 'Beerware', why: 'a test' }, silent: { licence: null, why: 'a test' } }
    expect(licenceProblems([odd, silent], named)).toEqual([])
    expect(licenceProblems([{ ...odd, licence: 'GPL-3.0' }, silent], named)).toEqual([expect.stringContaining('odd@1.0.0 has the licence GPL-3.0')])
  })

  test('leave no exception behind', () => {
    expect(licenceProblems([], { odd: { licence: 'Beerware', why: 'a test' } })).toEqual([
      'odd is named as an exception in scripts/licences.ts and is no dependency; remove it',
    ])
  })
})
