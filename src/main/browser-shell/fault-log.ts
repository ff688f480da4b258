// What goes wrong in the browser shell itself, one line each. Anybody on this machine can make requests, so a minute
// has few lines, and nothing of a request is in them.
import { oneLine } from '../../shared/text/printable.ts'

const linesAMinute = 20

export class FaultLog {
  readonly #print: (line: string) => void
  readonly #now: () => number
  #minuteBegan = Number.NEGATIVE_INFINITY
  #lines = 0

  constructor(
    print: (line: string) => void = (line) => console.error(line),
    now: () => number = () => performance.now(),
  ) {
    this.#print = print
    this.#now = now
  }

  write(what: string, error: unknown): void {
    if (this.#now() - this.#minuteBegan >= 60_000) {
      this.#minuteBegan = this.#now()
      this.#lines = 0
    }
    this.#lines += 1
    if (this.#lines > linesAMinute) return
    const reason = error instanceof Error ? error.message : String(error)
    this.#print(oneLine(`${what}: ${reason}`, 500))
  }
}
