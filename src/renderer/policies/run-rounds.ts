// The rounds of a run: those that it was asked for with, and those that were told since. Pure.
import type { PolicyRound, PolicyRun } from '../../shared/contract/index.ts'

type Run = Pick<PolicyRun, 'id' | 'rounds'>
const keptRounds = 300

/** By run and sequence, whatever the clocks of hosts do. Each once, in their order. */
export function joinRounds(run: Run, told: readonly PolicyRound[]): PolicyRound[] {
  return [...run.rounds, ...newerRounds(run, told)].slice(-keptRounds)
}

/** The sequence of the first round that was never told. undefined: none is missing. */
export function firstMissing(run: Run, told: readonly PolicyRound[]): number | undefined {
  let expected = lastSequence(run) + 1
  for (const { sequence } of newerRounds(run, told)) {
    if (sequence !== expected) return expected
    expected += 1
  }
  return undefined
}

function newerRounds(run: Run, told: readonly PolicyRound[]): PolicyRound[] {
  const last = lastSequence(run)
  return told
    .filter(({ runId, sequence }) => runId === run.id && sequence > last)
    .toSorted((a, b) => a.sequence - b.sequence)
}

function lastSequence({ rounds }: Run): number {
  return rounds.at(-1)?.sequence ?? 0
}
