// Arms by name: `off`, `adaptive`, `periodic:30`, or a policy that the workbench keeps under that name.
import { type ExperimentArm, policySchema } from '../../shared/contract/index.ts'
import { parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { Problem } from '../../shared/problem.ts'
import type { PolicyLibrary } from '../policies/policy-library.ts'

/** Those that need no policy file scrub only: KSM is left as it is, since what it merges outlives its arm. */
export async function findArm(name: string, library: Pick<PolicyLibrary, 'list'>): Promise<ExperimentArm> {
  if (name === 'off') return { name }
  if (name === 'adaptive') return { name, policy: policySchema.parse({ scrub: { mode: 'adaptive' } }) }
  const seconds = /^periodic:([1-9]\d{0,4})$/.exec(name)?.[1]
  if (seconds !== undefined) return periodicArm(name, Number(seconds))
  const named = (await library.list()).find((policy) => policy.name === name)
  if (named !== undefined)
    return { name: `${name}, version ${named.version}`, policy: parsePolicyFile(named.text) }
  throw new Problem('not-found', `cannot find the arm "${name}": it is no policy that the workbench keeps`, {
    remedy: 'Write off, adaptive, periodic:SECONDS or the name of a policy.',
  })
}

const longestSeconds = 86_400

function periodicArm(name: string, everySeconds: number): ExperimentArm {
  if (everySeconds > longestSeconds)
    throw new Problem('bad-input', `cannot use the arm "${name}": it takes ${longestSeconds} seconds at most`)
  const guards = { maxIntervalSeconds: Math.max(300, everySeconds) }
  return { name, policy: policySchema.parse({ scrub: { mode: 'periodic', everySeconds, guards } }) }
}
