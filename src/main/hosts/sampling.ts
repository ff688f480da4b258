// Asks a helper for a sample every few seconds, for as long as it answers.
import type { HostContract, LogLine, Sample } from '../../shared/contract/index.ts'
import { asProblem, type Problem, type ProblemCode } from '../../shared/problem.ts'
import type { Call } from '../../shared/rpc.ts'
import { sleep } from '../../shared/time/waiting.ts'
import { withCpuRatios } from '../history/sample-deltas.ts'
import { arrive, clockAheadSeconds } from './arrival.ts'

export interface Sampling {
  readonly call: Call<HostContract>
  readonly everyMs: number
  readonly signal: AbortSignal
  /** `before`: the sample before it of the same helper, if any; only such two belong to one series. */
  readonly onSample: (arrived: ArrivedSample, before: Sample | undefined) => void
  readonly log: (level: LogLine['level'], text: string) => void
}

export interface ArrivedSample {
  readonly sample: Sample
  /** As `clockAheadSeconds` of arrival.ts. */
  readonly aheadSeconds: number
}

/** A helper in the middle of an assessment answers late, not never. */
const answerWithinMs = 20_000

/** The link itself is no good any more. Anything else concerns the sample only. */
const broken: ReadonlySet<ProblemCode> = new Set(['timed-out', 'disconnected', 'protocol', 'internal'])

/**
 * Answers with the Problem that showed the link to be broken; rejects when the signal is aborted.
 * A sample carries the time at which it arrived here beside the host's own: the clocks of hosts differ.
 * It also carries the CPU of its guests since the sample before it.
 */
export async function sampleUntilBroken(sampling: Sampling): Promise<Problem> {
  const { call, everyMs, signal, onSample, log } = sampling
  let lastComplaint = ''
  let before: Sample | undefined
  for (;;) {
    const startedAt = performance.now()
    try {
      const sample = arrive(await call('sample', {}, { signal, timeoutMs: answerWithinMs }))
      signal.throwIfAborted()
      const aheadSeconds = clockAheadSeconds(sample, performance.now() - startedAt)
      onSample({ sample: withCpuRatios(before, sample), aheadSeconds }, before)
      before = sample
      lastComplaint = ''
    } catch (error) {
      signal.throwIfAborted()
      const problem = asProblem(error, 'cannot sample')
      if (broken.has(problem.code)) return problem
      if (problem.message !== lastComplaint) log('warning', problem.message)
      lastComplaint = problem.message
    }
    await sleep(Math.max(0, startedAt + everyMs - performance.now()), signal)
    signal.throwIfAborted()
  }
}
