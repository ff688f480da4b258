// The suite of Debian guests as tables: each work under each policy, with the interval of its ratio to the kernel alone.
import { medianOf } from '../../../src/shared/statistics/median.ts'
import type { Phase } from './phase.ts'
import { works } from './works.ts'

const intro = `Debian guests at work (\`test/bench/real\`): PostgreSQL with a database of 960 MiB in a guest of 768 MiB, and a source
tree of 430 MiB in a guest of 448 MiB, under one memory limit of 1980 MiB, which leaves some 450 MiB for images;
\`tar+tar+tar\` are three clones of 448 MiB on one base. *select* and *write*: pgbench -S and -N with two clients. *tar*, *grep*,
*compile*: the tree, over and over. *backup* streams its guest's whole disk. *boot*: the guest is reset, and one boot is timed. Phases of 35 s follow each other on the same
guests, in another order each round; the policy starts anew in each phase, so its first minute is all that is seen.
*control* is adaptive as a dry run. Ratios are to the kernel alone in the same round: their geometric mean, and in brackets its
95 % interval (t, of logarithms); no interval where there is one round only.
`

/** Markdown without a heading. */
export function formatRealSuite(runs: readonly Phase[]): string {
  const keys = [...new Set(runs.map(keyOf))]
  return [intro, ...keys.map((key) => formatSet(runs.filter((run) => keyOf(run) === key)))].join('\n')
}

const keyOf = ({ work, readIops, readAheadKiB }: Phase) => `${work.join('+')} ${readIops} ${readAheadKiB}`

function formatSet(runs: readonly Phase[]): string {
  const [first] = runs
  if (first === undefined) return ''
  const { work, readIops, readAheadKiB } = first
  const head = ['policy (runs)', ...work.flatMap((name, at) => headOf(name, at)), 'storage reads', 'KiB each']
  const more = ['host cache', 'evicted, came back', 'helper CPU', 'ksmd CPU', 'huge pages']
  const names = [...new Set(runs.map(({ contender }) => contender))]
  const rows = names.map((name) => rowOf(runs, name))
  return [
    `### ${work.join(' beside ')}: ${readIops} reads/s, readahead ${readAheadKiB} KiB\n`,
    `| ${[...head, ...more].join(' | ')} |`,
    `|${'---|'.repeat(head.length + more.length)}`,
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n')
}

function headOf(name: Phase['work'][number], at: number): string[] {
  const { unit } = works[name]
  const done = `${name} ${at + 1}: ${unit}/s`
  return unit === 'transactions' ? [done, 'p95'] : [done]
}

function rowOf(runs: readonly Phase[], contender: Phase['contender']): string[] {
  const mine = runs.filter((run) => run.contender === contender)
  const [first] = mine
  if (first === undefined) return []
  const middle = (pick: (run: Phase) => number) => medianOf(mine.map(pick))
  const against = (pick: (run: Phase) => number) =>
    contender === 'kernel' ? '' : ` (${formatRatio(ratiosOf(runs, contender, pick))})`
  const done = first.work.flatMap((name, at) => {
    const rate = (run: Phase) => (run.done[at] ?? Number.NaN) / run.seconds
    const p95 = (run: Phase) => run.p95Ms[at] ?? Number.NaN
    const cell = `${middle(rate).toFixed(1)}${against(rate)}`
    return works[name].unit === 'transactions'
      ? [cell, `${middle(p95).toFixed(0)} ms${against(p95)}`]
      : [cell]
  })
  return [
    `${contender} (${mine.length})`,
    ...done,
    `${middle(({ reads }) => reads).toFixed(0)}`,
    `${middle(({ readKiB }) => readKiB).toFixed(0)}`,
    `${middle(({ cacheMiB }) => cacheMiB).toFixed(0)} MiB`,
    `${middle(({ evictedMiB }) => evictedMiB).toFixed(0)}, ${middle(({ returnedMiB }) => returnedMiB).toFixed(0)} MiB`,
    `${(middle(({ helperCpu }) => helperCpu) * 100).toFixed(1)} %`,
    `${(middle(({ ksmdCpu }) => ksmdCpu) * 100).toFixed(1)} %`,
    `${middle(({ hugeMiB }) => hugeMiB).toFixed(0)} MiB`,
  ]
}

/** Of a contender to the kernel alone in the same round. */
function ratiosOf(
  runs: readonly Phase[],
  contender: Phase['contender'],
  pick: (run: Phase) => number,
): readonly number[] {
  return runs
    .filter((run) => run.contender === contender)
    .flatMap((run) => {
      const alone = runs.find((one) => one.contender === 'kernel' && one.round === run.round)
      const ratio = alone === undefined ? Number.NaN : pick(run) / pick(alone)
      return ratio > 0 && Number.isFinite(ratio) ? [ratio] : []
    })
}

/** Of Student's t at 95 %, by degrees of freedom from 1. */
const quantiles = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2]

/** Geometric mean and its 95 % interval: `0.99x, 0.93 to 1.05`. */
export function formatRatio(ratios: readonly number[]): string {
  if (ratios.length === 0) return 'no pair'
  const logs = ratios.map(Math.log)
  const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length
  const text = `${Math.exp(mean).toFixed(2)}x`
  if (logs.length === 1) return text
  const variance = logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (logs.length - 1)
  const half = (quantiles[logs.length - 2] ?? 1.96) * Math.sqrt(variance / logs.length)
  return `${text}, ${Math.exp(mean - half).toFixed(2)} to ${Math.exp(mean + half).toFixed(2)}`
}
