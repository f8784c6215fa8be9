import { expect, test } from '@jest/globals'
import { parseQuantity } from '../../../src/stages/quantity.ts'

test.each<[string | undefined, number | null]>([
  ['500m', 0.5],
  ['2', 2],
  ['0.1', 0.1],
  ['64Mi', 64 * 1024 * 1024],
  ['1Gi', 1024 ** 3],
  ['128974848', 128_974_848],
  ['129e6', 129_000_000],
  ['129M', 129_000_000],
  ['250000n', 0.00025],
  ['', null],
  ['many', null],
  ['5Xi', null],
  [undefined, null],
])('the quantity %s is %s', (text, value) => {
  expect(parseQuantity(text)).toEqual(value)
})
