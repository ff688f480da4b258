// The consolidation suite's tables: medians, and adaptive against the kernel alone.
import { median } from '../median.ts'
import { fullClones } from './clones.ts'
import { fullPair } from './pair.ts'
import { type PolicyName, policyNames } from './policies.ts'
import type { Run } from './run-window.ts'
import { type WorkloadName, workloadNames, workloadTitles } from './workload-names.ts'

const policyTitles: Readonly<Record<PolicyName, string>> = {
  none: 'kernel alone',
  everything: 'all evicted every 5 s',
  periodic: 'periodic, 5 s (the paper)',
  adaptive: 'adaptive',
}

export function formatSuite(runs: readonly Run[]): string {
  return `${intro()}

${workloadNames.flatMap((workload) => formatWorkload(runs, workload)).join('\n\n')}

### Adaptive against the kernel alone

| workload | operations | hit ratio | other guest | helper CPU | goal |
|---|---|---|---|---|---|
${workloadNames.flatMap((workload) => compare(runs, workload)).join('\n')}
`
}

function intro(): string {
  const { limitMiB, ramMiB, readMiB, readIops, ownMiB, streamRate, settleSeconds, measureSeconds } = fullPair
  return `fio in real guests (4 KiB reads by zipf 0.75, one job) under one memory control group, storage limited to
${readIops} reads/s. (a), (b), (e), (f): two guests of ${ramMiB} MiB, limit ${limitMiB} MiB, of which about 380 MiB are left
for the host's cache; the reader reads ${readMiB} MiB that it has read before, the stream reads ${ownMiB / 2} MiB over and
over at ${streamRate}B/s. (c), (d): ${fullClones.clones} clones of ${fullClones.ramMiB} MiB on one base, limit ${fullClones.limitMiB} MiB. Each policy starts with filled
caches; ${settleSeconds} s to settle (half of it for (a) and (c)), ${measureSeconds} s measured. Hit ratio: what guests asked of the host less
what was fetched from storage (/proc/PID/io), of what they asked. Regret: evicted pages read again within 60 s.
Medians; the number of runs stands beside the policy; rounds are interleaved. In (d) operations are boots per minute
and p99 is the slowest boot.`
}

const figures = ['iops', 'p99Ms', 'hitRatio', 'cacheMiB', 'diskMiB', 'helperCpu', 'ksmdCpu'] as const

export function mediansOf(runs: readonly Run[], workload: WorkloadName, policy: PolicyName) {
  const mine = runs.filter((run) => run.workload === workload && run.policy === policy)
  if (mine.length === 0) return undefined
  const middle = (pick: (run: Run) => number | undefined) =>
    median(mine.map((run) => pick(run) ?? Number.NaN))
  const medians = Object.fromEntries(figures.map((name) => [name, middle((run) => run[name])]))
  return {
    ...(medians as Record<(typeof figures)[number], number>),
    runs: mine.length,
    evictedMiB: middle((run) => run.evictedMiB),
    returnedMiB: middle((run) => run.returnedMiB),
    otherMBps: middle((run) => run.otherMBps),
  }
}

function formatWorkload(runs: readonly Run[], workload: WorkloadName): string[] {
  const rows = policyNames.flatMap((policy) => {
    const found = mediansOf(runs, workload, policy)
    if (found === undefined) return []
    const regret =
      found.evictedMiB > 0 ? `${whole(found.returnedMiB)} of ${whole(found.evictedMiB)} MiB` : '–'
    const counted = policy === 'everything' ? 'not counted' : regret
    return [
      `| ${policyTitles[policy]} (${found.runs}) | ${whole(found.iops)} | ${found.p99Ms.toFixed(2)} ms | ` +
        `${ratio(found.hitRatio)} | ${whole(found.cacheMiB)} MiB | ${whole(found.diskMiB)} MiB | ` +
        `${percent(found.helperCpu)} | ${percent(found.ksmdCpu)} | ${counted} |`,
    ]
  })
  if (rows.length === 0) return []
  return [
    `### ${workloadTitles[workload]}

| policy (runs) | operations/s | p99 | hit ratio | host cache, mean | from storage | helper CPU | ksmd CPU | regret |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}`,
  ]
}

function compare(runs: readonly Run[], workload: WorkloadName): string[] {
  const kernel = mediansOf(runs, workload, 'none')
  const ours = mediansOf(runs, workload, 'adaptive')
  if (kernel === undefined || ours === undefined) return []
  const goal = workload === 'b' ? 'at least 3x hits, 2x operations' : 'at least 0.97x'
  const hits = `${ratio(kernel.hitRatio)} → ${ratio(ours.hitRatio)}`
  const other = ours.otherMBps / kernel.otherMBps
  return [
    `| ${workloadTitles[workload]} | ${times(ours.iops / kernel.iops)} | ${hits} | ${times(other)} | ` +
      `${percent(ours.helperCpu)} | ${goal} |`,
  ]
}

const whole = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 0 })
const ratio = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : '–')
const times = (value: number) => (Number.isFinite(value) ? `${value.toFixed(2)}x` : '–')
const percent = (value: number) => `${(value * 100).toFixed(1)} %`
