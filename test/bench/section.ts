// What a benchmark is to the command that runs it and to the report that it writes.
export interface BenchOptions {
  /** Rounds of which medians are taken; interleaved. */
  readonly rounds: number
  /** Parts to measure, by a section's own names; undefined: all. */
  readonly only?: readonly string[]
  /** Raw results of the report, where some are to stay: those that this run adds to, or its parts not measured now. */
  readonly earlier?: unknown
  /** Runs are pooled with the earlier ones of the same part, instead of replacing them. */
  readonly adds?: boolean
  readonly say: (line: string) => void
  /** Told of what there is so far, so that a sitting that is cut short keeps it. */
  readonly keep?: (measured: Measured) => void
}

export interface Section {
  /** As in `npm run bench -- NAME`. */
  readonly name: string
  readonly title: string
  /** Brings up what it needs and takes it down again; returns Markdown without a heading, and the raw results. */
  measure(options: BenchOptions): Promise<Measured>
}

export interface Measured {
  readonly text: string
  /** As compact as it can be: it goes into the report. */
  readonly raw: unknown
}
