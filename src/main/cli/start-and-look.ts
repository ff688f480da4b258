// Starts the policy of one host, and finds out whether a start of which nobody has heard did.
import type { PolicyStart, PolicyStatus } from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { sleep } from '../../shared/time/waiting.ts'
import { isUncertain } from '../policies/put-back.ts'
import { isSamePolicy } from '../policies/rollout-machine.ts'
import { type CommandTools, quietly } from './command-tools.ts'

const patienceMs = 120_000
const lookEveryMs = 2000

/**
 * Resolves where the policy runs then, also where only a look afterwards says so. Rejects with the Problem of the start, or
 * with why nobody can tell within 2 minutes. The signal of `tools` ends the looking.
 */
export async function startAndLook(
  hostId: string,
  start: PolicyStart,
  tools: Pick<CommandTools, 'workbench' | 'signal'>,
  context: CallContext,
): Promise<PolicyStatus> {
  try {
    return await tools.workbench.handlers['policies/start']({ hostId, ...start }, context)
  } catch (error) {
    const problem = asProblem(error)
    if (!isUncertain(problem)) throw problem
    const status = await lookUntilAnswered(hostId, problem, tools)
    if (status.run !== undefined && isSamePolicy(status.run.policy, start.policy)) return status
    const message = `${problem.message}; the host was asked afterwards: the policy does not run there`
    throw new Problem(problem.code, message, { cause: problem })
  }
}

async function lookUntilAnswered(
  hostId: string,
  problem: Problem,
  { workbench: { fleet, handlers }, signal }: Pick<CommandTools, 'workbench' | 'signal'>,
): Promise<PolicyStatus> {
  const since = performance.now()
  for (;;) {
    try {
      await fleet.connect(hostId, quietly)
      return await handlers['policies/status']({ hostId }, quietly)
    } catch (error) {
      if (signal.aborted || performance.now() - since > patienceMs) throw unknown(problem, asProblem(error))
    }
    await sleep(lookEveryMs, signal)
  }
}

function unknown({ code, message }: Problem, why: Problem): Problem {
  return new Problem(code, `${message}; whether the policy runs there cannot be asked: ${why.message}`, {
    remedy: 'Without the service the helper puts everything back by itself. See "policy status HOST".',
    cause: why,
  })
}
