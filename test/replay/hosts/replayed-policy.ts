// What a replayed host tells of a policy: a round every second since it began. On the fifth of each five hosts a guard has
// tripped. Pure.
import type { GuardReading, PolicyRound, PolicyRun } from '../../../src/shared/contract/index.ts'
import { isOld, mib, type ReplayedHost } from './replayed-host.ts'

const maxRounds = 120

export function runOf(
  host: ReplayedHost,
  { id, policy, since }: Pick<PolicyRun, 'id' | 'policy' | 'since'>,
  now: number,
): PolicyRun {
  const last = Math.max(1, Math.floor((now - since) / 1000))
  const first = Math.max(1, last - maxRounds + 1)
  const rounds = Array.from({ length: last - first + 1 }, (_, index) =>
    roundOf(host, id, first + index, since),
  )
  return { id, policy, since, mode: 'session', who: 'root', from: 'replayed', rounds }
}

function roundOf(host: ReplayedHost, runId: string, sequence: number, since: number): PolicyRound {
  const isHarmful = isOld(host)
  const evictedBytes = sequence * 48 * mib
  const regret = isHarmful ? 0.31 : 0.02
  return {
    runId,
    sequence,
    at: since + sequence * 1000,
    imageCacheBytes: 5400 * mib - Math.min(sequence, 60) * 40 * mib,
    imageCacheLimitBytes: 6000 * mib,
    doubleCachedBytes: 900 * mib,
    evictedBytes,
    returnedBytes: Math.round(evictedBytes * regret),
    readLatencySeconds: isHarmful ? 0.004 : 0.0009,
    memoryPressureRatio: 0.01,
    cpu: { helperRatio: 0.03, ksmdRatio: 0 },
    guards: guardsOf(isHarmful, regret),
    decisions: isHarmful
      ? ['regret of streams 0.31 passed its bound 0.10: leaves streams alone']
      : ['adaptive: evicts a stream that is read once'],
  }
}

function guardsOf(isHarmful: boolean, regret: number): GuardReading[] {
  return [
    {
      name: 'regret of streams',
      unit: 'ratio',
      value: regret,
      bound: 0.1,
      ...(isHarmful && { pausedSeconds: 42 }),
    },
    { name: 'regret of other pages', unit: 'ratio', bound: 0.1 },
    { name: 'read latency', unit: 'seconds', value: isHarmful ? 0.004 : 0.0009, bound: 0.005 },
  ]
}
