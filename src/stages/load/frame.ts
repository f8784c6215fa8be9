import { createHash } from 'node:crypto'

/** Longest text that is taken out of a log, in bytes of its base64. */
export const longestFrameBytes = 40 * 1024 * 1024

/** Takes a framed text out of a log, line by line. */
export interface FrameReader {
  /** Whether a line was part of a frame; every other line is somebody else's. */
  readonly take: (line: string) => boolean
  /** The text of the last frame that was whole, or null. */
  readonly text: () => string | null
}

/**
 * Reads what `k6/frame.js` wrote. Memory is bounded by the text's own length: a frame that grows past
 * `longestFrameBytes` is dropped.
 * @param marker the run's own; hexadecimal digits and hyphens
 */
export function frameReader(marker: string, longestBytes = longestFrameBytes): FrameReader {
  // Not from the line's start: what another stream wrote without a line's end may stand before it.
  const form = new RegExp(`${marker} (begin|data|end)(?: ([\\w+/=]+))?(?: ([0-9a-f]{64}))?\\s*$`)
  let parts: string[] | null = null
  let bytes = 0
  let whole: string | null = null
  return {
    take: (line) => {
      const [, what, value = '', sum] = form.exec(line) ?? []
      switch (what) {
        case 'begin':
          parts = []
          bytes = 0
          return true
        case 'data':
          bytes += value.length
          if (bytes > longestBytes) parts = null
          parts?.push(value)
          return true
        case 'end': {
          const text = parts && parts.length === Number(value) ? Buffer.from(parts.join(''), 'base64').toString('utf8') : null
          if (text !== null && createHash('sha256').update(text).digest('hex') === sum) whole = text
          parts = null
          return true
        }
        default:
          return false
      }
    },
    text: () => whole,
  }
}
