// Another policy that a host's service was given: whose it is, and what is said before it is replaced. Pure.
import type { PolicyRun } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'

/**
 * Resolves with why `act` was refused where the host's service has another policy; undefined: it was done. Rejects with
 * any other Problem.
 */
export async function refusedForOther(act: () => Promise<unknown>): Promise<ProblemData | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    const problem = asProblem(error)
    if (problem.code !== 'other-policy') throw error
    return problem.toData()
  }
}

/** Of a run of the service: what would be replaced. */
export function describeRunning({ policy, who, from, since }: PolicyRun): string {
  const modes = `scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}`
  return `The service runs “${modes}”, which ${who} (${from}) started on ${new Date(since).toLocaleString()}`
}

/** `whose` names the policy, and who set it when: a sentence without its full stop. */
export function explainReplace(whose: string): string {
  return `${whose}. That policy ends, and this one runs in its place, also after a reboot.`
}
