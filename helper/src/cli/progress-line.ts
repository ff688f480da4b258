// Progress of a long command, on one line of a terminal.
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import { formatRatio } from '../../../src/shared/units.ts'
import type { CommandIo } from './command-io.ts'

export class ProgressLine {
  readonly #io: CommandIo
  #isShown = false

  constructor(io: CommandIo) {
    this.#io = io
  }

  show(progress: Progress): void {
    const fraction = progress.fraction === undefined ? '' : ` ${formatRatio(progress.fraction)}`
    this.#io.status(`${progress.step}${fraction}`)
    this.#isShown = true
  }

  clear(): void {
    if (this.#isShown) this.#io.status()
    this.#isShown = false
  }
}
