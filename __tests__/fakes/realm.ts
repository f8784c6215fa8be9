/**
 * jest runs tests in a realm of their own, where an error that Node's core made (a reset connection, a bad URL) is no
 * `instanceof Error`, as it is when the action runs. Importing this file first makes it one again.
 */
import { types } from 'node:util'

const usual = Function.prototype[Symbol.hasInstance]
for (const native of [Error, TypeError, SyntaxError, RangeError]) {
  Object.defineProperty(native, Symbol.hasInstance, {
    value(this: { readonly name: string }, candidate: unknown): boolean {
      if (usual.call(this, candidate)) return true
      return this === native && types.isNativeError(candidate) && descends(candidate, native.name)
    },
  })
}

function descends(candidate: object, name: string): boolean {
  for (let prototype = Object.getPrototypeOf(candidate); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    if (prototype.constructor?.name === name) return true
  }
  return false
}
