// The log of a session on stderr: one line each, without control characters, and never without end.
import { oneLine } from '../../../src/shared/printable.ts'

const MAX_LINE_LENGTH = 1000
const MAX_LINES_PER_MINUTE = 100
const MINUTE_MS = 60_000

/** Lines beyond 100 a minute are counted, and the count is written when the minute is over. `nowMs` is monotonic. */
export function boundedLog(
  write: (text: string) => void,
  nowMs: () => number = () => performance.now(),
): (line: string) => void {
  let minuteStart = nowMs()
  let lines = 0
  return (line) => {
    if (nowMs() - minuteStart >= MINUTE_MS) {
      if (lines > MAX_LINES_PER_MINUTE) write(`${lines - MAX_LINES_PER_MINUTE} lines were left out\n`)
      minuteStart = nowMs()
      lines = 0
    }
    lines += 1
    if (lines <= MAX_LINES_PER_MINUTE) write(`${oneLine(line, MAX_LINE_LENGTH)}\n`)
  }
}
