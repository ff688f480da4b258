// Policies as a session answers for them: by the service where one runs, by its own engine where none does.

import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { PolicyPreview, PolicyRound, PolicyStatus } from '../../../src/shared/contract/policy-runs.ts'
import { asProblem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { auditChange, type ChangeContext } from '../changes/change.ts'
import { describeModes, type PolicyEngine } from '../govern/policy-engine.ts'
import { connectToService, type ServiceLink } from './link.ts'

/** A service that was installed, or started again, is found after this time. */
const lookSeconds = 5
const aliveMs = 20_000

export interface RoutedParts {
  readonly engine: PolicyEngine
  readonly context: ChangeContext
  readonly socket: string
  /** Of this program. */
  readonly buildDigest: string
  /** Rounds of the service, for the workbench. */
  readonly onRound: (round: PolicyRound) => void
}

export class RoutedPolicies {
  readonly #parts: RoutedParts
  readonly #timer: ReturnType<typeof setInterval>
  #link: ServiceLink | undefined
  #connecting: Promise<ServiceLink | undefined> | undefined

  constructor(parts: RoutedParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.#find().catch(() => undefined), lookSeconds * 1000)
    this.#timer.unref()
  }

  /** In this process, whoever runs the policy: it takes no lock and changes nothing. */
  preview(policy: Policy, rounds: number, signal: AbortSignal): Promise<PolicyPreview> {
    return this.#parts.engine.preview(policy, rounds, signal)
  }

  async start(policy: Policy, replace?: boolean): Promise<PolicyStatus> {
    const link = await this.#service()
    if (link === undefined) return this.#parts.engine.start(policy)
    return this.#audited('service policy start', describeModes(policy), () =>
      link.call('policies/start', { policy, ...withValue({ replace }) }),
    )
  }

  async stop(): Promise<PolicyStatus> {
    const link = await this.#service()
    if (link === undefined) return this.#parts.engine.stop()
    return this.#audited('service policy stop', undefined, () => link.call('policies/stop', {}))
  }

  async status(): Promise<PolicyStatus> {
    const link = await this.#service()
    if (link === undefined) return this.#parts.engine.status()
    return link.call('policies/status', {}, { timeoutMs: aliveMs })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#link?.close()
  }

  /** A policy that this very session runs comes first: the service waits until it has ended. */
  async #service(): Promise<ServiceLink | undefined> {
    if (this.#parts.engine.isRunning) return undefined
    const link = await this.#find()
    if (link === undefined || (await isAlive(link))) return link
    // It was started anew, by an upgrade for one.
    link.close()
    return this.#find()
  }

  async #find(): Promise<ServiceLink | undefined> {
    if (this.#link?.isOpen) return this.#link
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #connect(): Promise<ServiceLink | undefined> {
    const { socket, buildDigest, onRound, context } = this.#parts
    this.#link = await connectToService({ path: socket, buildDigest, onRound, log: context.log })
    return this.#link
  }

  /** Who asked is known here: the service knows its peer only. */
  #audited(
    action: string,
    target: string | undefined,
    work: () => Promise<PolicyStatus>,
  ): Promise<PolicyStatus> {
    const undoes = target === undefined
    return auditChange(this.#parts.context, { action, ...withValue({ target }), undoes }, work)
  }
}

/** A service that has ended is known by asking it only. */
async function isAlive(link: ServiceLink): Promise<boolean> {
  try {
    await link.call('policies/status', {}, { timeoutMs: aliveMs })
    return true
  } catch (error) {
    if (asProblem(error).code !== 'disconnected') throw error
    return false
  }
}
