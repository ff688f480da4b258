// What a command of the helper may write to, and how it learns that it should stop.
import { clearStatus, inLine, statusLine, terminalText } from '../../../src/shared/text/terminal.ts'

export interface CommandIo {
  /** The result: text or one JSON document. */
  out(text: string): void
  /** Text of several lines about what goes on. */
  err(text: string): void
  /** One line about what goes on, whatever is in it. */
  say(line: string): void
  /** One line that the next overwrites, on a terminal only; without text it is cleared. */
  status(text?: string): void
  /** Whether `err` is a terminal. */
  readonly isTty: boolean
  readonly signal: AbortSignal
}

const out = 1
const err = 2

/** All that the helper prints for people passes here. `write` takes the number of the stream. */
export function openIo(
  write: (fd: 1 | 2, text: string) => void,
  { isTty, signal }: Pick<CommandIo, 'isTty' | 'signal'>,
): CommandIo {
  return {
    out: (text) => write(out, terminalText(text)),
    err: (text) => write(err, terminalText(text)),
    say: (line) => write(err, `${inLine(line, 4096)}\n`),
    status: (text) => {
      if (isTty) write(err, text === undefined ? clearStatus : statusLine(text, process.stderr.columns))
    },
    isTty,
    signal,
  }
}
