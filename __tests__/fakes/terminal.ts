import { Writable } from 'node:stream'
import headless from '@xterm/headless'

/** A terminal without a window: takes what a program writes, and shows what a person would see. */
export interface FakeTerminal {
  readonly stream: Writable & { readonly isTTY: boolean; columns: number; rows: number }
  /** Everything written so far, in the pieces it came in. */
  readonly written: string[]
  /** The lines from the first ever to the last with text, scrolled away or not. */
  readonly lines: () => Promise<string[]>
  readonly resize: (columns: number, rows: number) => void
}

/** @param isTTY a pipe, which keeps all it gets, too, is no terminal */
export function fakeTerminal({ columns = 60, rows = 10, isTTY = true } = {}): FakeTerminal {
  // Without this, xterm takes a line feed for what it is; a real terminal's driver adds the return.
  const terminal = new headless.Terminal({ cols: columns || 80, rows: rows || 24, allowProposedApi: true, convertEol: true })
  const written: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _, done) => {
      written.push(chunk)
      terminal.write(chunk)
      done()
    },
  })
  const tty = Object.assign(stream, { isTTY, columns, rows })
  return {
    stream: tty,
    written,
    lines: async () => {
      await new Promise<void>((done) => terminal.write('', done))
      const { active } = terminal.buffer
      const lines = Array.from({ length: active.length }, (_, index) => active.getLine(index)?.translateToString(true) ?? '')
      return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1)
    },
    resize: (newColumns, newRows) => {
      terminal.resize(newColumns, newRows)
      Object.assign(tty, { columns: newColumns, rows: newRows })
      tty.emit('resize')
    },
  }
}
