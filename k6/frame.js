// What k6 prints as its summary where its only way out is a pod's log, which holds everything else it says, too.
import crypto from 'k6/crypto'
import encoding from 'k6/encoding'

// A container engine may split longer lines.
const line = /.{1,8000}/g

/**
 * A text as lines that each carry a marker, which nobody else knows: lines in between do no harm, and the sum tells a
 * text that is whole. Read back by stages/load/frame.ts.
 */
export function framed(text, marker) {
  const lines = encoding.b64encode(text).match(line) ?? []
  const data = lines.map((part) => `${marker} data ${part}`)
  return ['', `${marker} begin`, ...data, `${marker} end ${lines.length} ${crypto.sha256(text, 'hex')}`, ''].join('\n')
}
