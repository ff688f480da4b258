// The part of the report on guests carried.

import { medianOf } from '../../../src/shared/statistics/median.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import type { DensityPlan } from './growing-lab.ts'
import { type DensityTrial, type Measurements, optionOf } from './measurements.ts'

const alone = 'kernel alone'

/** Medians of each contender's trials. */
export function formatDensity({ trials, breakBytesPerCoreSecond }: Measurements, plan: DensityPlan): string {
  const names = [...new Set(trials.map(({ contender }) => contender))]
  const of = (name: string) => trials.filter(({ contender }) => contender === name)
  const base = medianOf(of(alone).map(({ carried }) => carried))
  return `
Lab guests of ${plan.ramMiB} MiB (QEMU, tcg), clones of one base image with ${plan.commonMiB} MiB of files in common and ${plan.ownMiB} MiB of their
own, boot one after the other under one memory limit of ${plan.limitMiB} MiB around all of them, QEMU's own memory included. Debian
guests are too slow for this on two cores under tcg. Each guest answers one request a second: it reads 256 KiB of a file and adds them up;
p95 is over all answers in the second half of a step. A step ends ${plan.stepSeconds} s after the boot. What trips: memory pressure (PSI
*some*, 10 s) above 10 %, p95 above twice the median of the steps before, a request without an answer, a guest
killed. There is no swap. Carried: guests of the last step that did not trip. ksmtuned is told that memory is short, as in
benchmark 3: as it is, it looks at the memory of the host and not at the limit. CPU: guests, ksmd and helper, of one core.
Medians; raw results hold every step. Each contender stands alone:
${describeSittings(trials)}.

| | guests carried | of the kernel alone | ended by | p95 half full | p95 full | from boot to merged | CPU per guest |
|---|---|---|---|---|---|---|---|
${names.map((name) => formatContender(name, of(name), base)).join('\n')}

Goal: ours at least 1.5x the kernel alone and more than ksmtuned, p95 within 10 % of half full.

${formatForecast(trials)}

A process that writes all of its merged memory broke ${formatBytes(breakBytesPerCoreSecond)} for each second on a processor.
`
}

/** The commands that measure all that the section shows. */
function describeSittings(trials: readonly DensityTrial[]): string {
  const rounds = new Map<string, number>()
  for (const { contender } of trials) rounds.set(contender, (rounds.get(contender) ?? 0) + 1)
  return [...rounds]
    .map(
      ([contender, count]) => `\`npm run bench -- density --only ${optionOf(contender)} --rounds ${count}\``,
    )
    .join(',\n')
}

function formatContender(name: string, trials: readonly DensityTrial[], base: number): string {
  const at = (pick: (trial: DensityTrial) => number) => medianOf(trials.map(pick))
  const merged = trials
    .flatMap(({ steps }) => steps.slice(1).map(({ mergedAfterSeconds }) => mergedAfterSeconds))
    .filter(Number.isFinite)
  const carried = at((trial) => trial.carried)
  return `| ${[
    name,
    carried,
    Number.isFinite(base) ? `${(carried / base).toFixed(2)}x` : 'not measured',
    trials.map(({ tripped }) => tripped).join('; '),
    `${at((trial) => trial.halfP95Ms).toFixed(0)} ms`,
    `${at((trial) => trial.fullP95Ms).toFixed(0)} ms`,
    merged.length === 0 ? 'nothing merged' : `${medianOf(merged).toFixed(1)} s`,
    `${(100 * at((trial) => trial.cpuPerGuest)).toFixed(1)} %`,
  ].join(' | ')} |`
}

/** What was foreseen is held against who carried under the same conditions. */
function formatForecast(trials: readonly DensityTrial[]): string {
  const rows = trials.flatMap((trial) => {
    const { contender, forecast, carried } = trial
    const foreseen = contender === alone ? forecast?.now : contender === 'ours' ? forecast?.policy : undefined
    if (foreseen === undefined || forecast === undefined) return []
    const off = Math.abs(foreseen.best - carried)
    const isNear = off <= 1 || off <= 0.1 * carried
    const { best, low, high } = foreseen
    return [
      `| ${contender}, round ${trial.round} | ${forecast.askedAt} | ${best} (${low} to ${high}) | ${carried} | ${isNear ? 'yes' : 'no'} |`,
    ]
  })
  const missing = trials.flatMap(({ contender, round, notForeseen }) =>
    notForeseen === undefined
      ? []
      : [`Not foreseen with ${contender}, round ${round}: ${notForeseen.split('\n')[0]}.`],
  )
  if (rows.length === 0) return ['No forecast was made.', ...missing].join('\n')
  return `Foreseen by \`npm run cli -- capacity HOST --like web-1\`, by memory, over SSH:

| | asked with | foreseen in all | carried | within one guest or 10 % |
|---|---|---|---|---|
${[rows.join('\n'), ...missing].join('\n\n')}`
}
