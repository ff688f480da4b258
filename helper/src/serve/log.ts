// The log of a session on stderr: one line each, without control characters, and never without end.
import { oneLine } from '../../../src/shared/text/printable.ts'

const maxLineLength = 1000
const maxLinesPerMinute = 100
const minuteMs = 60_000

/** Lines beyond 100 a minute are counted, and the count is written when the minute is over. `nowMs` is monotonic. */
export function boundedLog(
  write: (text: string) => void,
  nowMs: () => number = () => performance.now(),
): (line: string) => void {
  let minuteStart = nowMs()
  let lines = 0
  return (line) => {
    if (nowMs() - minuteStart >= minuteMs) {
      if (lines > maxLinesPerMinute) write(`${lines - maxLinesPerMinute} lines were left out\n`)
      minuteStart = nowMs()
      lines = 0
    }
    lines += 1
    if (lines <= maxLinesPerMinute) write(`${oneLine(line, maxLineLength)}\n`)
  }
}
