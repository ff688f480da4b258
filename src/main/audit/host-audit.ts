// Writes down each change that this workbench makes on a host, and announces it.
import { hostname, userInfo } from 'node:os'
import type {
  HostContract,
  KsmStatus,
  Params,
  ParamsInput,
  PolicyStatus,
  Result,
  SavedHost,
  ServiceStatus,
  TrailEntry,
} from '../../shared/contract/index.ts'
import { hostContract } from '../../shared/contract/index.ts'
import { asProblem } from '../../shared/problem.ts'
import { describeService } from '../../shared/text/service-text.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Announce } from '../announcer.ts'
import type { AuditTrail } from './audit-trail.ts'
import {
  type ChangeWords,
  describeKsm,
  describePolicyStatus,
  describeScrub,
  describeSwitch,
  describeTarget,
} from './describe-change.ts'

type Change = Pick<TrailEntry, 'action' | 'outcome'> &
  Partial<Pick<TrailEntry, 'target' | 'before' | 'after'>>
type Method = keyof HostContract
type NamedHost = Pick<SavedHost, 'id' | 'name'>
export type AuditedChange = Change & { readonly host: NamedHost }

export interface AuditedAct<M extends Method> {
  readonly host: SavedHost
  readonly method: M
  readonly params: ParamsInput<HostContract, M>
  /** KSM as the last sample had it. */
  readonly ksm: KsmStatus | undefined
}

export class HostAudit {
  readonly #trail: AuditTrail
  readonly #announce: Announce
  readonly #who = userInfo().username
  readonly #from: string

  /** `way`: how the person asks, "workbench" or "command line". */
  constructor(trail: AuditTrail, announce: Announce, way: string) {
    this.#trail = trail
    this.#announce = announce
    this.#from = `${hostname()} (${way})`
  }

  /** Rejects where a change could not be written down: it is not begun then. */
  checkWritable(): Promise<void> {
    return this.#trail.checkWritable()
  }

  async recordInstall(host: NamedHost, path: string): Promise<void> {
    await this.record([{ host, action: 'install helper', target: path, outcome: 'installed' }])
  }

  /** Resolves once they are on the disk; many of one moment are written together. */
  async record(changes: readonly AuditedChange[]): Promise<void> {
    const entries = changes.map(
      ({ host, ...change }): TrailEntry => ({
        at: wallClock(),
        who: this.#who,
        from: this.#from,
        hostId: host.id,
        host: host.name.slice(0, 512),
        ...change,
      }),
    )
    await this.#trail.append(entries)
    for (const entry of entries) this.#announce('audit/added', entry)
  }

  /** A method that changes nothing is only run. An attempt that fails is written down as well. */
  async around<M extends Method>(
    act: AuditedAct<M>,
    run: () => Promise<Result<HostContract, M>>,
  ): Promise<Result<HostContract, M>> {
    const { host, method, params, ksm } = act
    if (hostContract[method].effect !== 'change') return await run()
    await this.#trail.checkWritable()
    const target = describeTarget(params as Params<HostContract, M>)
    const asked = { action: method, ...withValue({ target }) }
    try {
      const result = await run()
      await this.record([{ host, ...asked, ...describeResult(method, result, ksm) }])
      return result
    } catch (error) {
      const { code, message } = asProblem(error)
      await this.record([{ host, ...asked, outcome: `${code === 'cancelled' ? '' : 'failed: '}${message}` }])
      throw error
    }
  }
}

function describeResult(method: Method, result: unknown, ksm: KsmStatus | undefined): ChangeWords {
  if (method === 'page-cache/scrub') return describeScrub(result as Result<HostContract, typeof method>)
  if (method === 'ksm/merge') return describeSwitch(result as Result<HostContract, typeof method>)
  if (method.startsWith('policies/')) return describePolicyStatus(result as PolicyStatus)
  if (method.startsWith('service/')) return { outcome: describeService(result as ServiceStatus) }
  if (method.startsWith('ksm/')) return describeKsm(ksm, result as KsmStatus)
  return { outcome: 'done' }
}
