// The service's own part: one engine in service mode, which follows the policy file and whoever changes it.
import { existsSync } from 'node:fs'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { PolicyPreview, PolicyRound, PolicyStatus } from '../../../src/shared/contract/policy-runs.ts'
import { asProblem } from '../../../src/shared/problem.ts'
import { sleep } from '../../../src/shared/waiting.ts'
import type { Actor } from '../changes/audit.ts'
import type { ChangeContext } from '../changes/change.ts'
import { readState, removeDurably } from '../changes/state-folders.ts'
import { describeModes, PolicyEngine } from '../govern/policy-engine.ts'
import type { Journal } from './journal-lines.ts'
import type { ServicePlaces } from './places.ts'
import { ServicePolicyFile } from './policy-file.ts'

/** While another helper has the lock; after a policy that ended by itself. */
const busySeconds = 5
const failedSeconds = 60

export interface ResidentParts {
  readonly context: ChangeContext
  readonly places: ServicePlaces
  readonly journal: Journal
  /** One line: what it does now. */
  readonly onStatus: (status: string) => void
  readonly onRound: (round: PolicyRound) => void
}

export class Resident {
  readonly #parts: ResidentParts
  readonly #engine: PolicyEngine
  readonly #file: ServicePolicyFile
  /** Starts, stops and reloads, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  /** What is to run; undefined: nothing. */
  #wanted: { readonly policy: Policy; readonly actor: Actor } | undefined
  /** What the upgrade that started this service has left; a mark that appears later is for the next one. */
  readonly #mark: string | undefined
  #adopts: boolean
  #saidWaiting = ''
  /** Whether it ran the last time that it was looked at. */
  #isUp = false

  constructor(parts: ResidentParts) {
    this.#parts = parts
    this.#file = new ServicePolicyFile(parts.places)
    this.#mark = readState(parts.places.handOver)
    this.#adopts = this.#mark !== undefined
    const { context, onRound } = parts
    this.#engine = new PolicyEngine({ context, mode: 'service', onRound })
  }

  /** Runs what the policy file says. What a killed service left is put back first. */
  begin(): Promise<void> {
    return this.#inTurn(async () => {
      this.#readFile()
      if (this.#wanted === undefined) this.#dropHandOver()
      else await this.#tryStart()
    })
  }

  /** Keeps the engine running until the signal comes: waits for the lock, and starts again what ended by itself. */
  async supervise(signal: AbortSignal): Promise<void> {
    let waitSeconds = busySeconds
    while (!signal.aborted) {
      await sleep(waitSeconds * 1000, signal)
      if (signal.aborted) return
      waitSeconds = await this.#inTurn(async () =>
        this.#wanted === undefined || this.#engine.isRunning ? busySeconds : this.#tryStart(),
      )
    }
  }

  preview(policy: Policy, rounds: number, signal: AbortSignal): Promise<PolicyPreview> {
    return this.#engine.preview(policy, rounds, signal)
  }

  /** Runs the policy from now on, after reboots too. Throws `busy` while another helper changes this host. */
  start(policy: Policy, actor: Actor): Promise<PolicyStatus> {
    return this.#inTurn(async () => {
      const before = this.#engine.isRunning ? this.#wanted : undefined
      const adopts = before !== undefined && goesOn(before.policy, policy)
      await this.#engine.end({ keeps: adopts })
      const status = await this.#engine.start(policy, { actor, adopts })
      this.#file.save(policy)
      this.#wanted = { policy, actor }
      this.#isUp = true
      this.#say(`${actor.who} (${actor.from}) started ${describeModes(policy)}`)
      return status
    })
  }

  /** Stops the policy, puts everything back, and sets the policy file aside. */
  stop(actor: Actor): Promise<PolicyStatus> {
    return this.#inTurn(async () => {
      this.#wanted = undefined
      this.#file.setAside()
      const status = await (this.#engine.isRunning ? this.#engine.stop() : this.#engine.status())
      this.#isUp = false
      this.#say(`${actor.who} (${actor.from}) stopped the policy; the service waits for another`)
      return status
    })
  }

  status(): Promise<PolicyStatus> {
    return this.#engine.status()
  }

  /** The file was edited by hand. One that says the same changes nothing. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#wanted
      this.#readFile()
      const now = this.#wanted
      if (JSON.stringify(now?.policy) === JSON.stringify(before?.policy)) return
      const adopts = before !== undefined && now !== undefined && goesOn(before.policy, now.policy)
      await this.#engine.end({ keeps: adopts })
      this.#adopts = adopts
      if (now !== undefined) await this.#tryStart()
      else this.#say('the policy file is gone; the service waits for one')
    })
  }

  /** Puts everything back, or leaves it for the service that an upgrade starts. */
  end(): Promise<void> {
    return this.#inTurn(() => this.#engine.end({ keeps: existsSync(this.#parts.places.handOver) }))
  }

  #readFile(): void {
    const { context, places, journal } = this.#parts
    const { policy, trouble } = this.#file.read()
    if (trouble !== undefined) journal.error(trouble)
    if (policy === undefined) this.#say(`there is no policy in ${places.policy}; the service waits for one`)
    this.#wanted = policy === undefined ? undefined : { policy, actor: context.actor }
  }

  /** Returns how long to wait before looking again. */
  async #tryStart(): Promise<number> {
    const wanted = this.#wanted
    if (wanted === undefined) return busySeconds
    const { ended } = await this.#engine.status()
    if (this.#isUp && ended !== undefined) this.#parts.journal.error(`${ended}; starts again`)
    this.#isUp = false
    try {
      await this.#engine.start(wanted.policy, { actor: wanted.actor, adopts: this.#adopts })
      this.#adopts = false
      this.#isUp = true
      this.#dropHandOver()
      this.#saidWaiting = ''
      this.#say(`runs ${describeModes(wanted.policy)}`)
      return busySeconds
    } catch (error) {
      const { code, message } = asProblem(error)
      const waits = `waits: ${message}`
      if (this.#saidWaiting !== waits) this.#say(waits)
      this.#saidWaiting = waits
      return code === 'busy' ? busySeconds : failedSeconds
    }
  }

  #dropHandOver(): void {
    const { handOver } = this.#parts.places
    if (this.#mark !== undefined && readState(handOver) === this.#mark) removeDurably(handOver)
  }

  #say(line: string): void {
    this.#parts.journal.info(line)
    this.#parts.onStatus(line)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work)
    this.#turn = run.catch(() => undefined)
    return run
  }
}

/** Whether the second goes on where the first stood: both govern KSM, so that putting it back would be in vain. */
function goesOn(before: Policy, now: Policy): boolean {
  return before.ksm.mode === 'govern' && now.ksm.mode === 'govern'
}
