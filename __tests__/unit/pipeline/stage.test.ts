import { describe, expect, test } from '@jest/globals'
import { pipeline, type Stage } from '../../../src/pipeline/stage.ts'

interface Results {
  wood: { planks: number }
  nails: string[]
  house: { rooms: number }
}

const stage = { title: '', deadlineMs: 1000 }
const wood: Stage<Results, 'wood', never> = { ...stage, name: 'wood', needs: [], run: async () => ({ planks: 8 }) }
const nails: Stage<Results, 'nails', never> = { ...stage, name: 'nails', needs: [], run: async () => ['long'] }
const house: Stage<Results, 'house', 'wood' | 'nails'> = {
  ...stage,
  name: 'house',
  needs: ['wood', 'nails'],
  run: async (needs) => ({ rooms: needs.wood.planks * needs.nails.length }),
}

// What must not compile is checked by `npm run typecheck`; that it is the reason is why each is marked alone.
describe('a pipeline', () => {
  test('is its stages in the order they were added', () => {
    const { stages } = pipeline<Results>().add(wood).add(nails).add(house)
    expect(stages.map(({ name, needs }) => [name, needs])).toEqual([
      ['wood', []],
      ['nails', []],
      ['house', ['wood', 'nails']],
    ])
  })

  test('takes no stage before what it needs', () => {
    // @ts-expect-error nails are missing
    const { stages } = pipeline<Results>().add(wood).add(house)
    expect(stages).toHaveLength(2)
  })

  test('takes no stage twice', () => {
    // @ts-expect-error there is wood already
    const { stages } = pipeline<Results>().add(wood).add(wood)
    expect(stages).toHaveLength(2)
  })

  test('takes no stage of another name', () => {
    // @ts-expect-error there is no result `garden`
    const { stages } = pipeline<Results>().add({ ...stage, name: 'garden', needs: [], run: async () => 1 })
    expect(stages).toHaveLength(1)
  })

  test('lets a stage see no more than it asked for', () => {
    const curious: Stage<Results, 'house', 'wood'> = {
      ...stage,
      name: 'house',
      needs: ['wood'],
      // @ts-expect-error nails were not asked for
      run: async (needs) => ({ rooms: needs.nails.length }),
    }
    expect(pipeline<Results>().add(wood).add(curious).stages).toHaveLength(2)
  })

  test('lets a stage name no need that it does not declare', () => {
    const greedy: Stage<Results, 'house', 'wood'> = {
      ...stage,
      name: 'house',
      // @ts-expect-error nails are not among its needs
      needs: ['wood', 'nails'],
      run: async () => ({ rooms: 1 }),
    }
    expect(greedy.needs).toHaveLength(2)
  })

  test('leaves the one it was made from as it was', () => {
    const first = pipeline<Results>().add(wood)
    first.add(nails)
    expect(first.stages).toHaveLength(1)
  })
})
