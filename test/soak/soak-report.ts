// The soak's part of docs/benchmarks.md.
import type { Measured } from '../bench/section.ts'
import { GROWTH_BOUND_MIB, type MemoryTrend } from './memory-trend.ts'
import type { SoakResult } from './soak.ts'

const SAMPLES_SHOWN = 60

const beside = {
  none: '',
  real: ', beside two Debian guests at work',
  large: ', beside four stand-ins of 1.5 GiB',
} as const

export function formatSoak(result: SoakResult): Measured {
  const { plan, serve, govern } = result
  const ksm = plan.withKsm ? 'governing KSM and scrubbing' : 'scrubbing, with KSM left alone,'
  const settings = plan.withKsm ? 'KSM settings were compared at the end' : 'KSM settings were not touched'
  const failures = result.failures.length === 0 ? 'nothing failed' : result.failures.join('; ')
  const text = `${plan.minutes} minutes of guests coming and going (${result.guestsStarted} started, ${result.guestsEnded} ended, up to 4 at a time${beside[plan.staying]}),
with one helper serving (${result.samples} samples, ${result.assessments} assessments, ${result.plans} dry runs) and one ${ksm}
(${result.rounds} rounds). ${settings}; ${failures}. The first fifth of the run is left out; slopes by
least squares through the means of 20 blocks, with their 95 % margin. Bound: ${GROWTH_BOUND_MIB} MiB between the first and the last
quarter, or surely more than that an hour.

| resident memory | slope | first quarter | last quarter | largest |
|---|---|---|---|---|
| \`serve\` | ${row(serve)} |
| \`govern\` | ${row(govern)} |
`
  const thin = <T>(samples: readonly T[]) =>
    samples.filter((_, index) => index % Math.ceil(samples.length / SAMPLES_SHOWN) === 0)
  const memory = { serve: thin(result.memory.serve), govern: thin(result.memory.govern) }
  return { text, raw: { ...result, memory } }
}

function row(trend: MemoryTrend): string {
  const slope = `${trend.slopeMiBPerHour.toFixed(1)} ± ${trend.marginMiBPerHour.toFixed(1)} MiB/h`
  const sizes = [trend.firstMiB, trend.lastMiB, trend.largestMiB].map((size) => `${size.toFixed(1)} MiB`)
  return [slope, ...sizes].join(' | ')
}
