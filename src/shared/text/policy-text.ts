// What a policy would do and does, in sentences: the same on screens and on the command line.
import type {
  GuardReading,
  PolicyPreview,
  PolicyRound,
  PolicyRun,
  PolicyStatus,
} from '../contract/policy-runs.ts'
import { formatBytes, formatPercent } from '../units.ts'
import { ownLines } from './terminal.ts'

/** Some lines: what a preview found. */
export function describePreview({ rounds, wouldEvictBytes, wouldMergeBytes, costs }: PolicyPreview): string {
  const decisions = [...new Set(rounds.flatMap((round) => round.decisions))]
  return ownLines([
    `would evict ${formatBytes(wouldEvictBytes)} of image cache`,
    ...(wouldMergeBytes === undefined ? [] : [`could merge ${formatBytes(wouldMergeBytes)}`]),
    ...decisions,
    ...costs,
    'nothing was changed',
  ])
}

/** One line: where a run stands. */
export function describeRoundLine(round: PolicyRound): string {
  const { evictedBytes, returnedBytes, ksm, cpu } = round
  return [
    `evicted ${formatBytes(evictedBytes)}, came back ${formatBytes(returnedBytes)}`,
    ...(ksm === undefined ? [] : [`merged ${formatBytes(ksm.mergedBytes)}`]),
    ksm !== undefined && cpu.ksmdRatio === undefined
      ? `CPU ${formatPercent(cpu.helperRatio)} of one core without ksmd's, which /proc does not show`
      : `CPU ${formatPercent(cpu.helperRatio + (cpu.ksmdRatio ?? 0))} of one core`,
  ].join('; ')
}

/** Some lines: what runs on a host, who runs it, and its figures. */
export function describeStatus(status: PolicyStatus): string {
  const { warning } = status
  const stands = describeStanding(status)
  return warning === undefined ? stands : `${stands}\n${ownLines([`warning: ${warning}`])}`
}

function describeStanding({ run, heldBy, holderUnknown, ended }: PolicyStatus): string {
  if (run !== undefined) {
    const { policy, mode, since, who, rounds, trouble, resting } = run
    const last = rounds.at(-1)
    return ownLines([
      `scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}, in ${mode} mode since ${new Date(since).toISOString()} (${who})`,
      ...(resting === undefined ? [] : [describeRest(resting)]),
      ...(last === undefined ? [] : [describeRoundLine(last), ...last.guards.map(describeGuard)]),
      ...(trouble === undefined ? [] : [`the last round failed: ${trouble}`]),
    ])
  }
  if (heldBy !== undefined) {
    const since = new Date(heldBy.since).toISOString()
    return ownLines([
      `process ${heldBy.pid} (${heldBy.who}) has been running "${heldBy.action}" since ${since}`,
    ])
  }
  if (holderUnknown !== undefined)
    return ownLines([
      `no policy of this session; holder unknown, another process may run one: ${holderUnknown}`,
    ])
  return ended === undefined
    ? 'no policy runs on this host'
    : ownLines([`no policy runs on this host; the last one ended: ${ended}`])
}

/** By the clock of the host. */
export function describeRest({ until, timeZone }: NonNullable<PolicyRun['resting']>): string {
  const rests = 'rests by its schedule, with everything put back'
  if (until === undefined) return rests
  return `${rests}, until ${formatIn(timeZone, until) ?? `${formatIn('UTC', until)} UTC`} (${timeZone})`
}

/** undefined: this program does not know the time zone that the host named. */
function formatIn(timeZone: string, at: number): string | undefined {
  const format = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  try {
    return new Intl.DateTimeFormat('en-GB', format).format(at)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** `regret of streams 0.02 of 0.10`. */
export function describeGuard({ name, unit, value, bound, pausedSeconds }: GuardReading): string {
  const show = (one: number) => (unit === 'seconds' ? `${(one * 1000).toFixed(1)} ms` : one.toFixed(2))
  const paused = pausedSeconds === undefined ? '' : `; paused for ${Math.ceil(pausedSeconds)} s`
  return `${name}: ${value === undefined ? 'nothing measured yet' : show(value)}, bound ${show(bound)}${paused}`
}
