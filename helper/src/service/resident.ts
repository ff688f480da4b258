// The service's own part: one engine in service mode, which follows the policy file and whoever changes it.
import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { PolicyPreview, PolicyStatus } from '../../../src/shared/contract/policy-runs.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Actor } from '../changes/audit.ts'
import type { ChangeContext } from '../changes/change.ts'
import { withLock } from '../changes/lock.ts'
import { readState, removeDurably } from '../changes/state-folders.ts'
import { restoreFoundKsm } from '../govern/ksm-actions.ts'
import { describeModes, type PolicyEngine } from '../govern/policy-engine.ts'
import type { Journal } from './journal-lines.ts'
import type { ServicePlaces } from './places.ts'
import { ServicePolicyFile } from './policy-file.ts'
import { describeOrigin } from './policy-origin.ts'

/** While another helper has the lock; after a policy that ended by itself. */
const busySeconds = 5
const failedSeconds = 60

export interface ResidentParts {
  readonly context: ChangeContext
  readonly places: ServicePlaces
  readonly journal: Journal
  /** One line: what it does now. */
  readonly onStatus: (status: string) => void
  /** In service mode, on the same host. */
  readonly engine: Pick<PolicyEngine, 'start' | 'stop' | 'end' | 'status' | 'preview' | 'isRunning'>
}

interface Wanted {
  readonly policy: Policy
  /** Whose run it is. */
  readonly actor: Actor
  /** By whom it was set, and when, as a clause. */
  readonly set: string
}

export class Resident {
  readonly #parts: ResidentParts
  readonly #engine: ResidentParts['engine']
  readonly #file: ServicePolicyFile
  /** Starts, stops and reloads, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  /** What is to run; undefined: nothing. */
  #wanted: Wanted | undefined
  /** What its admin has to see to, while all goes on. */
  #warning: string | undefined
  /** What the upgrade that started this service has left; a mark that appears later is for the next one. */
  readonly #mark: string | undefined
  #adopts: boolean
  #saidWaiting = ''
  /** Whether it ran the last time that it was looked at. */
  #isUp = false

  constructor(parts: ResidentParts) {
    this.#parts = parts
    this.#file = new ServicePolicyFile(parts.places, (line) => parts.journal.warning(line))
    this.#mark = readState(parts.places.handOver)
    this.#adopts = this.#mark !== undefined
    this.#engine = parts.engine
  }

  /** Runs what the policy file says. What a killed service left is put back first. */
  begin(): Promise<void> {
    return this.#inTurn(async () => {
      this.#readFile()
      await this.#tryWanted()
    })
  }

  /** Keeps the engine running until the signal comes: waits for the lock, and starts again what ended by itself. */
  async supervise(signal: AbortSignal): Promise<void> {
    let waitSeconds = busySeconds
    while (!signal.aborted) {
      await sleep(waitSeconds * 1000, signal)
      if (signal.aborted) return
      waitSeconds = await this.#inTurn(async () => (this.#engine.isRunning ? busySeconds : this.#tryWanted()))
    }
  }

  preview(policy: Policy, rounds: number, signal: AbortSignal): Promise<PolicyPreview> {
    return this.#engine.preview(policy, rounds, signal)
  }

  /**
   * Runs the policy from now on, after reboots too. Throws `busy` while another helper changes this host, and
   * `other-policy` where another was set and is not to be replaced; what ran before goes on then, and where the policy
   * cannot be saved.
   */
  start(policy: Policy, actor: Actor, replace = false): Promise<PolicyStatus> {
    return this.#inTurn(async () => {
      const before = this.#wanted
      if (before !== undefined && !replace && !isDeepStrictEqual(before.policy, policy))
        throw alreadySet(before)
      const origin = { ...actor, at: wallClock() }
      // What only runs and is not saved would be another policy after the next start.
      const putFileBack = this.#file.save(policy, origin)
      const adopts = before !== undefined && this.#engine.isRunning && goesOn(before.policy, policy)
      try {
        await this.#engine.end({ keeps: adopts })
        await this.#engine.start(policy, { actor, adopts })
      } catch (error) {
        putFileBack()
        if (adopts) this.#adopts = true
        throw error
      }
      this.#adopts = false
      this.#dropHandOver()
      this.#wanted = { policy, actor, set: describeOrigin(origin) }
      this.#isUp = true
      this.#warning = undefined
      this.#say(`${actor.who} (${actor.from}) started ${describeModes(policy)}`)
      return this.status()
    })
  }

  /** Stops the policy, puts everything back, and sets the policy file aside; where it cannot, it says so and stops. */
  stop(actor: Actor): Promise<PolicyStatus> {
    return this.#inTurn(async () => {
      await this.#restoreHandedOver()
      this.#wanted = undefined
      this.#warning = undefined
      // Whatever becomes of the file: killed in between, the service would run the policy again rather than leave its traces.
      if (this.#engine.isRunning) await this.#engine.stop()
      this.#isUp = false
      try {
        this.#file.setAside()
      } catch (error) {
        this.#warning = `${asProblem(error).message}; the policy would run again at the next start of the service`
        this.#parts.journal.warning(this.#warning)
      }
      this.#say(`${actor.who} (${actor.from}) stopped the policy; the service waits for another`)
      return this.status()
    })
  }

  async status(): Promise<PolicyStatus> {
    const status = await this.#engine.status()
    return { ...status, ...withValue({ warning: this.#warning?.slice(0, 1024) }) }
  }

  /** The file was edited by hand. One that says the same changes nothing. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#wanted
      this.#readFile()
      const now = this.#wanted
      if (JSON.stringify(now?.policy) === JSON.stringify(before?.policy)) return
      const adopts = before !== undefined && now !== undefined && goesOn(before.policy, now.policy)
      if (this.#engine.isRunning) this.#adopts = adopts
      // One that does not govern KSM puts back at its start what was handed over.
      else if (now !== undefined) this.#adopts &&= adopts
      await this.#engine.end({ keeps: adopts })
      if (now === undefined) this.#say('the policy file is gone; the service waits for one')
      await this.#tryWanted()
    })
  }

  /** Puts everything back, or leaves it for the service that an upgrade starts. */
  end(): Promise<void> {
    return this.#inTurn(async () => {
      const keeps = existsSync(this.#parts.places.handOver)
      await this.#engine.end({ keeps })
      if (!keeps) await this.#tryRestore()
    })
  }

  /** Returns how long to wait before looking again. */
  #tryWanted(): Promise<number> {
    return this.#wanted === undefined ? this.#tryRestore() : this.#tryStart(this.#wanted)
  }

  async #tryRestore(): Promise<number> {
    try {
      await this.#restoreHandedOver()
      return busySeconds
    } catch (error) {
      return this.#sayWaiting(error)
    }
  }

  /**
   * What a policy before has left for one that has not come to go on with it, as it waits for another helper, and now never
   * will. Throws `busy` while that helper changes this host.
   */
  async #restoreHandedOver(): Promise<void> {
    if (!this.#adopts || this.#engine.isRunning) return
    const { context } = this.#parts
    const purpose = { who: context.actor.who, action: 'service restore', undoes: true }
    await withLock(context.folders, context.root, purpose, () => restoreFoundKsm(context))
    this.#adopts = false
    this.#dropHandOver()
  }

  #readFile(): void {
    const { context, places, journal } = this.#parts
    const { policy, origin, trouble } = this.#file.read()
    this.#warning = trouble
    if (trouble !== undefined) journal.error(trouble)
    if (policy === undefined) {
      this.#wanted = undefined
      this.#say(`there is no policy in ${places.policy}; the service waits for one`)
      return
    }
    this.#wanted = { policy, actor: origin ?? context.actor, set: this.#file.describeSet(origin) }
  }

  async #tryStart(wanted: Wanted): Promise<number> {
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
      return this.#sayWaiting(error)
    }
  }

  #sayWaiting(error: unknown): number {
    const { code, message } = asProblem(error)
    const waits = `waits: ${message}`
    if (this.#saidWaiting !== waits) this.#say(waits, code === 'busy' ? 'info' : 'warning')
    this.#saidWaiting = waits
    return code === 'busy' ? busySeconds : failedSeconds
  }

  #dropHandOver(): void {
    const { handOver } = this.#parts.places
    if (this.#mark !== undefined && readState(handOver) === this.#mark) removeDurably(handOver)
  }

  #say(line: string, level: 'info' | 'warning' = 'info'): void {
    this.#parts.journal[level](line)
    this.#parts.onStatus(this.#warning === undefined ? line : `${line}; ${this.#warning}`)
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

function alreadySet({ policy, set }: Wanted): Problem {
  const found = `the service has "${describeModes(policy)}", ${set}`
  return new Problem('other-policy', `cannot start the policy: ${found}`, {
    remedy: 'Replace it, on the command line by "policy start HOST --replace", or stop it first.',
  })
}
