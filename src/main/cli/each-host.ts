// Runs one act on several hosts at once and gathers what each answered; a host that fails is data beside the rest.
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import type { Fleet } from '../hosts/fleet.ts'
import type { Terminal } from './terminal.ts'

export interface Target {
  readonly hostId: string
  /** As it was asked for. */
  readonly address: string
}

export interface HostAnswer<T> {
  readonly address: string
  readonly answer?: T
  readonly problem?: ProblemData
}

/**
 * A saved host by name or address; else the text is an address, added for this command only.
 * `change` lifts observe mode for this command: the command itself is the consent.
 */
async function findTarget(fleet: Fleet, address: string, change: boolean): Promise<Target> {
  const saved = fleet.saved()
  const known = saved.find(({ name }) => name === address) ?? saved.find((host) => host.address === address)
  const { id } = known ?? (await fleet.addHost({ address }))
  await fleet.update(id, { mode: change ? 'change' : 'observe' })
  return { hostId: id, address }
}

/** One after the other: an address that is named twice is one host. */
export async function findTargets(
  fleet: Fleet,
  addresses: readonly string[],
  change: boolean,
): Promise<Target[]> {
  const targets: Target[] = []
  for (const address of addresses) targets.push(await findTarget(fleet, address, change))
  return targets
}

/** Works on all hosts at once. One that fails is a Problem beside the others; never rejects. */
export async function onEachHost<T>(
  fleet: Fleet,
  targets: readonly Target[],
  work: (target: Target, context: CallContext) => Promise<T>,
  { terminal, signal }: { terminal: Terminal; signal: AbortSignal },
): Promise<HostAnswer<T>[]> {
  return Promise.all(
    targets.map(async (target) => {
      const context: CallContext = {
        signal,
        reportProgress: ({ step, fraction }) => {
          const percent = fraction === undefined ? '' : ` ${Math.floor(fraction * 100)} %`
          terminal.showProgress(`${target.address}: ${step}${percent}`)
        },
      }
      try {
        await fleet.connect(target.hostId, context)
        return { address: target.address, answer: await work(target, context) }
      } catch (error) {
        return { address: target.address, problem: asProblem(error).toData() }
      }
    }),
  )
}
