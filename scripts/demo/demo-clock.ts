// Lines of progress with the seconds since the demo began.
import { formatSeconds } from '../../src/shared/units.ts'

/** From scripts/run.mjs, which may have installed packages and built before: its begin by the monotonic clock. */
const beganVariable = 'SINGLETON_COMMAND_BEGAN_NS'

export class DemoClock {
  readonly #beganNs: bigint

  /** `began`: nanoseconds of the monotonic clock, as process.hrtime tells them to every process. Default: now. */
  constructor(began = process.env[beganVariable]) {
    this.#beganNs = began === undefined ? process.hrtime.bigint() : BigInt(began)
  }

  get #seconds(): number {
    return Number(process.hrtime.bigint() - this.#beganNs) / 1e9
  }

  say(text: string): void {
    process.stderr.write(`${this.#seconds.toFixed(1).padStart(6)} s  ${text}\n`)
  }

  /** What all of it took until now: "3 min 9 s". */
  took(): string {
    return formatSeconds(this.#seconds)
  }
}
