import type { EventObject } from './kubernetes.ts'

/** When it was seen last, in milliseconds since 1970; 0 when it does not tell. */
function seenAt({ lastTimestamp, eventTime }: EventObject): number {
  const at = lastTimestamp ?? eventTime
  return at ? new Date(at).getTime() : 0
}

/** Events in the order in which they were seen last: the API lists them by name. */
export function inOrder(events: readonly EventObject[]): EventObject[] {
  return events.toSorted((a, b) => seenAt(a) - seenAt(b))
}

/** The last warnings about an object, the newest last, each said once. */
export function lastWarnings(events: readonly EventObject[], name: string, most = 3): EventObject[] {
  const about = inOrder(events).filter(({ type, involvedObject }) => type === 'Warning' && involvedObject.name === name)
  return about.filter(({ message }, index) => about.findLastIndex((other) => other.message === message) === index).slice(-most)
}

/** An event as a line of evidence. */
export function describeEvent({ reason, message = '', count = 1 }: EventObject): string {
  return `event ${reason}${count > 1 ? ` (${count} times)` : ''}: ${message}`
}
