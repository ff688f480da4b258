// Asks a helper for a sample every few seconds, for as long as it answers.
import type { HostContract, LogLine, Sample } from '../../shared/contract/index.ts'
import { asProblem, type Problem, type ProblemCode } from '../../shared/problem.ts'
import type { Call } from '../../shared/rpc.ts'
import { sleep } from '../../shared/waiting.ts'

export interface Sampling {
  readonly call: Call<HostContract>
  readonly everyMs: number
  readonly signal: AbortSignal
  readonly onSample: (sample: Sample) => void
  readonly log: (level: LogLine['level'], text: string) => void
}

/** A helper in the middle of an assessment answers late, not never. */
const answerWithinMs = 20_000

/** The link itself is no good any more. Anything else concerns the sample only. */
const broken: ReadonlySet<ProblemCode> = new Set(['timed-out', 'disconnected', 'protocol', 'internal'])

/**
 * Answers with the Problem that showed the link to be broken; rejects when the signal is aborted.
 * A sample carries the time at which it arrived here: the clocks of hosts differ.
 */
export async function sampleUntilBroken(sampling: Sampling): Promise<Problem> {
  const { call, everyMs, signal, onSample, log } = sampling
  let lastComplaint = ''
  for (;;) {
    const startedAt = Date.now()
    try {
      const sample = await call('sample', {}, { signal, timeoutMs: answerWithinMs })
      signal.throwIfAborted()
      onSample({ ...sample, at: Date.now() })
      lastComplaint = ''
    } catch (error) {
      signal.throwIfAborted()
      const problem = asProblem(error, 'cannot sample')
      if (broken.has(problem.code)) return problem
      if (problem.message !== lastComplaint) log('warning', problem.message)
      lastComplaint = problem.message
    }
    await sleep(Math.max(0, startedAt + everyMs - Date.now()), signal)
    signal.throwIfAborted()
  }
}
