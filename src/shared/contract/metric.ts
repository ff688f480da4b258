// What is said of each metric of a host over time; metrics.ts has the table of them.

export type MetricUnit = 'bytes' | 'pages' | 'ratio' | 'seconds' | 'perSecond'

/**
 * - `gauge`: a level. History keeps its mean, least and most.
 * - `counter`: history keeps how much two counters grew (`column`, `per`); the metric is the quotient of their sums, so
 *   that a quiet interval weighs less than a busy one. `complement`: 1 − the quotient.
 * - `step`: known at assessments and scrubs only, unchanged in between.
 */
type Kind =
  | { readonly kind: 'gauge'; readonly sampled?: true }
  | {
      readonly kind: 'counter'
      readonly column: string
      readonly per: string
      readonly complement?: true
    }
  | { readonly kind: 'step' }

export type Metric = Kind & {
  readonly unit: MetricUnit
  readonly label: string
  /** What the figure is and where it comes from; a sentence for screens. */
  readonly source: string
  /** How far it may be from the truth, and which way; a sentence for screens. */
  readonly error: string
}

/** Errors that several figures share. */
export const metricErrors = {
  meminfo: 'Kernel counters kept for each CPU: off by some MiB on a host of many CPUs.',
  pressure: 'A decaying mean: after a change it takes 10 s to show two thirds of it.',
  cpu: 'Counted in ticks: exact to 10 ms a sample, and to 0.1 % of a core over ten minutes.',
  guestCpu:
    'Counted in ticks: exact to 10 ms a guest and sample. Before Linux 6.4, the kernel’s vhost threads are not in it.',
  ksm: 'Exact at the moment of the sample.',
  monitor: 'Exact counts, asked every ten seconds: a shorter burst is spread over ten seconds.',
  disk: 'Exact counts; reads of other programs on the same disks are in it.',
} as const

/** A gauge that travels in samples. */
export function sampled<const U extends MetricUnit>(unit: U, label: string, source: string, error: string) {
  return { kind: 'gauge', sampled: true, unit, label, source, error } as const
}

/** A gauge that the workbench works out. */
export function derived<const U extends MetricUnit>(unit: U, label: string, source: string, error: string) {
  return { kind: 'gauge', unit, label, source, error } as const
}
