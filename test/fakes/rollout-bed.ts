// Roll-outs over hosts that only exist here, by a clock that moves when the test says so.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { Rollouts } from '../../src/main/policies/rollouts.ts'
import { type Rollout, rolloutPlan } from '../../src/shared/contract/index.ts'
import type { Problem } from '../../src/shared/problem.ts'
import { fakeRound } from './fake-round.ts'
import { nextSequence, openPolicyHosts, type PolicyHosts } from './policy-hosts.ts'
import { quiet } from './quiet.ts'

export const policy = rolloutPlan.shape.policy.parse({ scrub: { mode: 'adaptive' } })

export class RolloutBed {
  readonly folder = mkdtempSync(join(tmpdir(), 'singleton-rollouts-'))
  nowMs = 0
  rollouts!: Rollouts
  #hosts: PolicyHosts | undefined

  static async open(): Promise<RolloutBed> {
    const bed = new RolloutBed()
    await bed.open()
    return bed
  }

  /** Of the workbench that is open. */
  get fleet(): PolicyHosts['fleet'] {
    return this.#opened.fleet
  }

  get hosts(): PolicyHosts['hosts'] {
    return this.#opened.hosts
  }

  get #opened(): PolicyHosts {
    if (this.#hosts === undefined) throw new Error('the bed is not open')
    return this.#hosts
  }

  /** A workbench on the same data, over the same hosts. */
  async open(): Promise<void> {
    this.#hosts = await openPolicyHosts(this.folder, policy, this.#hosts?.hosts)
    this.rollouts = this.openRollouts()
  }

  openRollouts(onProblem: (problem: Problem) => void = fail): Rollouts {
    const times = { nowMs: () => this.nowMs, tickMs: 2, patienceMs: 60_000, askEveryMs: 0, followEveryMs: 5 }
    return new Rollouts({ ...this.#opened, dataDirectory: this.folder, onProblem, ...times })
  }

  async close(): Promise<void> {
    await this.rollouts.close()
    await this.fleet.close()
  }

  async end(): Promise<void> {
    await this.close()
    rmSync(this.folder, { recursive: true })
  }

  async addHosts(names: readonly string[], mode: 'change' | 'observe' = 'change'): Promise<string[]> {
    const { added } = await this.fleet.addAll(names.map((address) => ({ address, mode })))
    for (const { id } of added) await this.fleet.connect(id, quiet)
    return added.map(({ id }) => id)
  }

  async start(hostIds: readonly string[]): Promise<string> {
    const plan = { hostIds, policy, stages: ['1', '50%', '100%'], waitSeconds: 60 }
    return (await this.rollouts.start(rolloutPlan.parse(plan))).id
  }

  shown(id: string): Rollout {
    return this.rollouts.list().find((one) => one.id === id) as Rollout
  }

  /** Time in which every host that tells rounds has been judged. */
  async pass(seconds = 61): Promise<void> {
    const running = this.rollouts
      .list()
      .flatMap(({ hosts }) => hosts.filter(({ state }) => state === 'running'))
    const telling = running
      .flatMap(({ name }) => this.hosts.get(name) ?? [])
      .filter(({ silent, onStatus }) => !silent && onStatus === undefined)
    const before = telling.map(({ sequence }) => sequence)
    await expect
      .poll(() => telling.every(({ sequence }, index) => sequence >= (before[index] ?? 0) + 3))
      .toBe(true)
    this.nowMs += seconds * 1000
  }

  states(id: string) {
    return this.shown(id).hosts.map(({ state }) => state)
  }

  whatRuns(): string[] {
    return [...this.hosts].filter(([, { running }]) => running).map(([name]) => name)
  }

  reach(id: string, expected: readonly string[]) {
    return expect.poll(() => this.states(id)).toEqual(expected)
  }

  /** Lets minutes pass until then: a wait begins with whichever look comes first, however late. */
  reachInMinutes(id: string, expected: readonly string[]) {
    return expect
      .poll(() => {
        this.nowMs += 61_000
        return this.states(id)
      })
      .toEqual(expected)
  }

  tellRound(name: string, regret: number): void {
    const host = this.hosts.get(name)
    const round = fakeRound({
      sequence: host === undefined ? 1 : nextSequence(host),
      guards: [{ name: 'regret of streams', unit: 'ratio', value: regret, bound: 0.1 }],
    })
    host?.link.options.onRound?.(round)
  }

  /** Up to the second of three stages. */
  async reachSecondStage(): Promise<string> {
    const id = await this.start(await this.addHosts(['a', 'b', 'c']))
    await this.reach(id, ['running', 'waiting', 'waiting'])
    await this.pass()
    await this.reach(id, ['running', 'running', 'waiting'])
    return id
  }
}

function fail(problem: Problem): never {
  throw problem
}
