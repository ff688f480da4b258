// Who would run a policy on a host: its service, or the session; or why nobody can tell. Pure.
import type { PolicyRun, ServiceStatus } from '../../shared/contract/index.ts'
import type { ProblemData } from '../../shared/problem.ts'

/** Of the service; both undefined: it is still asked for. */
interface KnownService {
  readonly status: ServiceStatus | undefined
  readonly problem: ProblemData | undefined
}

export type ModeOnHost =
  | { readonly mode: PolicyRun['mode'] }
  /** What would become of the policy at a disconnect cannot be said, so that none is started. */
  | { readonly mode: undefined; readonly why: string }

/** Who would run what is started now. */
export function modeOnHost({ status, problem }: KnownService): ModeOnHost {
  if (problem !== undefined)
    return unknown(`The host cannot say whether its service would run the policy: ${problem.message}.`)
  if (status === undefined)
    return unknown('The host is being asked whether its service would run the policy.')
  if (status.state === 'starting') return unknown('The service of this host is starting. Wait until it runs.')
  if (status.state === 'stopping')
    return unknown('The service of this host is stopping. Wait until it has ended.')
  return { mode: status.state === 'running' ? 'service' : 'session' }
}

function unknown(why: string): ModeOnHost {
  return { mode: undefined, why }
}

/** Nothing of it changes by itself soon. */
export function isSettled(service: KnownService): boolean {
  return modeOnHost(service).mode !== undefined
}
