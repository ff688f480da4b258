// The steps of a connection test as they happen: begun, timed, ended, with their cause and the way out.

import { type ConnectionStage, connectionStages, type TestStep } from '../../shared/contract/index.ts'
import type { Problem, ProblemCode } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Ask } from '../ssh/ask.ts'
import type { StageWatch } from '../ssh/stages.ts'

const maxFacts = 50
const maxSteps = 200
const maxFactLength = 1024

interface RunningStep {
  step: TestStep
  readonly startedAt: number
  /** Milliseconds in which a person was asked. */
  waitedMs: number
}

export class TestSteps implements StageWatch {
  readonly #done: TestStep[] = []
  #running: RunningStep | undefined
  readonly #onSteps: (steps: readonly TestStep[]) => void

  constructor(onSteps: (steps: readonly TestStep[]) => void) {
    this.#onSteps = onSteps
  }

  readonly begin = (stage: ConnectionStage, on: string): void => {
    this.#end()
    const step: TestStep = { stage, on: on.slice(0, 512), state: 'running', facts: [] }
    this.#running = { step, startedAt: performance.now(), waitedMs: 0 }
    this.#tell()
  }

  readonly fact = (text: string): void => {
    const running = this.#running
    if (!running || running.step.facts.length >= maxFacts) return
    running.step = { ...running.step, facts: [...running.step.facts, text.slice(0, maxFactLength)] }
    this.#tell()
  }

  readonly skip = (stage: ConnectionStage, on: string, why: string): void => {
    this.#end()
    this.#keep({ stage, on: on.slice(0, 512), state: 'skipped', facts: [why.slice(0, maxFactLength)] })
    this.#tell()
  }

  readonly lack = (problem: Problem): void => this.fail(problem)

  /** Also for a failure before the first stage. */
  fail(problem: Problem): void {
    this.#running ??= {
      step: { stage: 'configuration', on: '', state: 'running', facts: [] },
      startedAt: performance.now(),
      waitedMs: 0,
    }
    const running = this.#running
    const remedy = problem.remedy ?? remedyFor(running.step.stage, problem.code)
    running.step = {
      ...running.step,
      state: 'failed',
      problem: { ...problem.toData(), ...withValue({ remedy }) },
    }
    this.#end()
    this.#tell()
  }

  /** Stages that were never begun are skipped: after a failure, or because this machine needs no SSH. */
  finish(address: string): TestStep[] {
    this.#end()
    const failed = this.#done.some(({ state }) => state === 'failed')
    const reached = new Set(this.#done.map(({ stage }) => stage))
    const last = Math.max(...this.#done.map(({ stage }) => connectionStages.indexOf(stage)))
    const skipped = connectionStages
      .filter((stage) => !reached.has(stage))
      .map((stage): TestStep => {
        const isBefore = connectionStages.indexOf(stage) < last
        const why = isBefore ? 'this machine needs no SSH' : failed ? 'not reached' : 'not needed'
        return { stage, on: address.slice(0, 512), state: 'skipped', facts: [why] }
      })
    const steps = [...this.#done]
    for (const step of skipped) {
      const rank = connectionStages.indexOf(step.stage)
      const at = steps.findLastIndex(({ stage }) => connectionStages.indexOf(stage) < rank)
      steps.splice(at + 1, 0, step)
    }
    this.#onSteps(steps)
    return steps
  }

  /** A step's duration is the machine's, not the person's. */
  withoutWaiting(ask: Ask): Ask {
    return async (question, signal) => {
      const askedAt = performance.now()
      try {
        return await ask(question, signal)
      } finally {
        if (this.#running) this.#running.waitedMs += performance.now() - askedAt
      }
    }
  }

  #end(): void {
    const running = this.#running
    if (!running) return
    this.#running = undefined
    const { step, startedAt, waitedMs } = running
    const waited = waitedMs >= 100 ? [`waited ${Math.round(waitedMs / 100) / 10} s for your answer`] : []
    this.#keep({
      ...step,
      state: step.state === 'failed' ? 'failed' : 'ok',
      seconds: Math.max(0, performance.now() - startedAt - waitedMs) / 1000,
      facts: [...step.facts, ...waited],
    })
  }

  #keep(step: TestStep): void {
    if (this.#done.length < maxSteps) this.#done.push(step)
  }

  #tell(): void {
    this.#onSteps(this.#running ? [...this.#done, this.#running.step] : [...this.#done])
  }
}

/** For Problems that do not say themselves what can be done. */
function remedyFor(stage: ConnectionStage, code: ProblemCode): string | undefined {
  if (code === 'cancelled') return undefined
  if (stage === 'tcp' && code === 'timed-out') {
    return 'Check that the host is up and that no firewall drops the packets; a host behind another one needs ProxyJump in ~/.ssh/config.'
  }
  return remedies[stage]
}

const remedies: Readonly<Partial<Record<ConnectionStage, string>>> = {
  configuration: 'Check the address and what ~/.ssh/config says about it: ssh -G ADDRESS prints that.',
  resolve:
    'Check the spelling; getent hosts NAME shows how this machine resolves it. HostName in ~/.ssh/config can name an address.',
  tcp: 'Check that sshd runs on the host and listens on this port (ss -ltn), and that no firewall refuses it.',
  greeting:
    'Something other than sshd may answer on this port, or sshd may turn away too many connections (MaxStartups): check the port.',
  login: 'Compare with OpenSSH: ssh -v shows each step of its login.',
  machine: 'The login shell must run plain commands: try ssh HOST uname -m.',
  root: 'Log in as root, or allow this user sudo; without it the view of the host is limited.',
  helper: 'The log of the host says where the helper was tried and why it did not start there.',
  capabilities: 'Build the helper again: npm run build:helper',
  sample: 'The log of the host says what could not be read.',
}
