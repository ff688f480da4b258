// Lines of progress with the seconds since the demo began.

export class DemoClock {
  readonly #startedAt = performance.now()

  say(text: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1).padStart(6)
    process.stderr.write(`${seconds} s  ${text}\n`)
  }
}
