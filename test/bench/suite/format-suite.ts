// The consolidation suite's tables: medians by policy, adaptive against the kernel alone, and the goals.
import { fullClones } from './clones.ts'
import { formatGoals } from './goals.ts'
import { mediansOf, rangeOfRatios } from './medians.ts'
import { fullPair } from './pair.ts'
import { type PolicyName, policyNames } from './policies.ts'
import { readAheadKiB } from './read-ahead.ts'
import type { Run } from './run-window.ts'
import { slowPlan } from './slow-storage.ts'
import { type WorkloadName, workloadNames, workloadTitles } from './workload-names.ts'

const policyTitles: Readonly<Record<PolicyName, string>> = {
  none: 'kernel alone',
  everything: 'all evicted every 5 s',
  periodic: 'periodic, 5 s (the paper)',
  reclaim: 'reclaim, to 1 MiB',
  adaptive: 'adaptive',
  oracle: 'oracle',
}

/** What the kernel does for the guests besides takes less. */
const quietCpu = 0.3

export function formatSuite(runs: readonly Run[]): string {
  return `${intro()}

${workloadNames.flatMap((workload) => formatWorkload(runs, workload)).join('\n\n')}

### Adaptive against the kernel alone

Ratios of medians; in brackets the least and the most within a round.

| workload | operations | hit ratio | other guest | helper CPU |
|---|---|---|---|---|
${workloadNames.flatMap((workload) => compare(runs, workload)).join('\n')}

### What was reached and what was not

${formatGoals(runs)}

${tooFew(runs)}${disturbed(runs)}
`
}

function intro(): string {
  const { limitMiB, ramMiB, readMiB, heldMiB, readIops, ownMiB, streamRate, theta } = fullPair
  const { settleSeconds, measureSeconds } = fullPair
  return `fio in real guests (4 KiB reads by zipf ${theta}, one job) under one memory control group, storage limited to
${readIops} reads/s, its readahead set to ${readAheadKiB} KiB. (a), (b), (e), (f): two guests of ${ramMiB} MiB, limit ${limitMiB} MiB; the
reader reads ${readMiB} MiB that it has read before, the stream reads ${ownMiB / 2} MiB over and over at ${streamRate}B/s; in (f) both guests
hold ${heldMiB} MiB that the host's cache holds too, and one reads 20 pages of it a second. (c), (d): ${fullClones.clones} clones of
${fullClones.ramMiB} MiB on one base, limit ${fullClones.limitMiB} MiB.

Each run starts from freshly booted guests and an empty cache that is filled by the same reads; within a round every
policy meets the same reads in the same order, and the order of policies rotates. ${measureSeconds} s are measured,
in (c) ${fullClones.measureSeconds} s, in (b) after the stream has run ${settleSeconds} s. Hit ratio: what guests asked of the host less what was fetched from storage, readahead
included (/proc/PID/io), of what they asked. Guest's hits: what its programs read and the host was not asked for.
Regret: evicted pages read again within 60 s. In (d) all clones boot at once, ${fullClones.bootStorms} times from an empty
cache; operations are boots per minute and p99 is the slowest boot. The
*oracle* knows which image is the stream and evicts all of it twice a second: what evicting can bring in (b).
(b) is also measured on slower storage, from freshly booted guests, ${slowSettling()} of the stream, under the
kernel alone, adaptive and the oracle. These were added once the figures of (b) at ${readIops} reads/s were known, to show how
what a policy brings depends on storage; the goals of (b) are judged at ${readIops} reads/s. Reads are limited, not bytes: where no cached pages
are left in between, one read fetches up to twice as much of the stream, so that it gains too where the policy evicts it.
Reclaim is told to leave 1 MiB, so it takes all that it finds double cached, every 30 s. Medians; the number of runs
stands beside the policy. Where the command names workloads and policies, the others stand as they were measured before, adaptive as it was then.

${howKeptEqual}`
}

function slowSettling(): string {
  return workloadNames
    .flatMap((workload) => {
      const plan = slowPlan(workload)
      const { readIops, measureSeconds, settleSeconds } = plan ?? fullPair
      return plan === undefined ? [] : [`at ${readIops} reads/s ${measureSeconds} s after ${settleSeconds} s`]
    })
    .join(' and ')
}

const howKeptEqual = `In a first sitting operations alternated from run to run, under whichever policy. Why was not shown; three suspects
were removed before this one. The lab's disk reads ahead by megabytes, so that one random miss could fetch thousands of
pages, which at the next one were hits: readahead is that of most disks now. Guests went on from run to run with what
they held: now they boot anew. Other work on the two cores slows emulated guests down: it is measured
beside each run (\`otherCpu\` in the raw results, of one core). Changes were made after seeing figures of (b) and (f):
the stream of (b) runs longer before it is measured, because in its first seconds the kernel alone still has more than a
third of hits, which leaves no room for three times as many; in (f) the guests hold what they read, which is what
reclaim is measured by, the program that reads (fio) included: it lies on an image that both open, and the default guard of
shared bases keeps what only one of two guests holds.`

const wantedRounds = 5

function tooFew(runs: readonly Run[]): string {
  const rounds = Math.max(0, ...runs.map(({ round }) => round))
  return rounds < wantedRounds
    ? `**Of ${rounds} round(s): the goals ask for medians of ${wantedRounds}.** `
    : ''
}

/** Runs that a busy machine has slowed down are kept, and counted here. */
function disturbed(runs: readonly Run[]): string {
  const count = runs.filter(({ otherCpu }) => otherCpu > quietCpu).length
  return `In ${count} of ${runs.length} runs the machine spent more than ${quietCpu} of a core on other than guests and helper.`
}

function formatWorkload(runs: readonly Run[], workload: WorkloadName): string[] {
  const rows = policyNames.flatMap((policy) => {
    const found = mediansOf(runs, workload, policy)
    if (found === undefined) return []
    const regret =
      found.evictedMiB > 0 ? `${whole(found.returnedMiB)} of ${whole(found.evictedMiB)} MiB` : '–'
    const isCounted = policy !== 'everything' && policy !== 'oracle'
    return [
      `| ${policyTitles[policy]} (${found.runs}) | ${whole(found.iops)} | ${found.p99Ms.toFixed(2)} ms | ` +
        `${ratio(found.hitRatio)} | ${ratio(found.guestHitRatio)} | ${mib(found.cacheMiB)} | ` +
        `${mib(found.cacheEndMiB)} | ${mib(found.imagesEndMiB)} | ${mib(found.diskMiB)} | ${percent(found.helperCpu)} | ` +
        `${percent(found.ksmdCpu)} | ${isCounted ? regret : 'not counted'} |`,
    ]
  })
  if (rows.length === 0) return []
  return [
    `### ${workloadTitles[workload]}

| policy (runs) | operations/s | p99 | hit ratio | guest's hits | host cache, mean | at the end | of that, images | from storage | helper CPU | ksmd CPU | regret |
|---|---|---|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}`,
  ]
}

function compare(runs: readonly Run[], workload: WorkloadName): string[] {
  const kernel = mediansOf(runs, workload, 'none')
  const ours = mediansOf(runs, workload, 'adaptive')
  if (kernel === undefined || ours === undefined) return []
  const [least, most] = rangeOfRatios(runs, workload, ['adaptive', 'none'], 'iops')
  const hits = `${ratio(kernel.hitRatio)} → ${ratio(ours.hitRatio)}`
  const other = ours.otherMBps / kernel.otherMBps
  return [
    `| ${workloadTitles[workload]} | ${times(ours.iops / kernel.iops)} (${times(least)} to ${times(most)}) | ${hits} | ` +
      `${times(other)} | ${percent(ours.helperCpu)} |`,
  ]
}

const whole = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 0 })
const mib = (value: number) => `${value < 10 ? value.toFixed(1) : whole(value)} MiB`
const ratio = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : '–')
const times = (value: number) => (Number.isFinite(value) ? `${value.toFixed(2)}x` : '–')
const percent = (value: number) => `${(value * 100).toFixed(1)} %`
