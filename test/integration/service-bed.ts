// The service as a process, in folders of its own, and sessions beside it.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type PolicyStatus, policyStatus } from '../../src/shared/contract/policy-runs.ts'
import { HelperSession } from '../beds/engine/helper-session.ts'
import { type RunningService, startService } from '../beds/engine/service-peers.ts'

export class ServiceBed {
  readonly #helper: string
  readonly #services: RunningService[] = []
  readonly #sessions: HelperSession[] = []
  folder = ''

  constructor(helper: string) {
    this.#helper = helper
  }

  get socket(): string {
    return join(this.folder, 'run/socket')
  }

  get policyFile(): string {
    return join(this.folder, 'etc/policy.json')
  }

  get #environment() {
    return {
      PATH: process.env.PATH,
      SINGLETON_STATE_DIR: join(this.folder, 'state'),
      SINGLETON_RUN_DIR: join(this.folder, 'run'),
      SINGLETON_CONFIG_DIR: join(this.folder, 'etc'),
    }
  }

  /** New folders, with this policy file. */
  prepare(text?: string): void {
    this.folder = mkdtempSync(join(tmpdir(), 'singleton-service-'))
    // Who may not talk to the service must be able to reach it, or that would be all that keeps them out.
    chmodSync(this.folder, 0o755)
    mkdirSync(join(this.folder, 'etc'), { mode: 0o700 })
    if (text !== undefined) writeFileSync(this.policyFile, text, { mode: 0o600 })
  }

  /** Until its socket is there, or it has ended. */
  async start(extra: NodeJS.ProcessEnv = {}): Promise<RunningService> {
    const service = startService(this.#helper, { ...this.#environment, ...extra })
    this.#services.push(service)
    const isUp = () => existsSync(this.socket) || service.child.exitCode !== null
    await expect.poll(isUp, { timeout: 60_000 }).toBe(true)
    return service
  }

  /** What the unit runs once its process has ended; returns what that says. */
  restore(): string {
    const done = spawnSync(this.#helper, ['service', 'restore'], { env: this.#environment, encoding: 'utf8' })
    expect(done.status, done.stderr).toBe(0)
    return done.stderr
  }

  open(): HelperSession {
    const session = new HelperSession(this.#helper, ['--session'], this.#environment)
    this.#sessions.push(session)
    return session
  }

  /** Ends all of them; what is in the folders stays until `remove`. */
  async end(): Promise<void> {
    for (const { child, ended } of this.#sessions.splice(0)) {
      child.kill('SIGKILL')
      await ended
    }
    for (const { child, ended } of this.#services.splice(0)) {
      child.kill('SIGTERM')
      await ended
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export async function statusOf(session: HelperSession): Promise<PolicyStatus> {
  return policyStatus.parse((await session.call('policies/status')).result)
}
