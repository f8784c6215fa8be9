import { expect } from '@jest/globals'
import { Failure } from '../../src/pipeline/failure.ts'

/** The Failure a promise rejects with; the test fails when it resolves, or rejects with anything else. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Failure)
  return error as Failure
}
