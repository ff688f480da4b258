// Soak: guests come and go for a long time while one helper serves and another governs; is their memory flat?
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../src/shared/statistics/random.ts'
import { type FaultLab, findHelper, type HostSession, upFaultLab } from '../beds/fault/fault-lab.ts'
import { readKsmSettings } from '../beds/lab/ksm-settings.ts'
import type { GuestOptions } from '../beds/lab/lab.ts'
import { realGuests } from '../beds/lab/real-guest.ts'
import { largeGuests } from '../beds/lab/stand-in-guest.ts'
import type { StillGuest } from '../beds/lab/still-guest.ts'
import { type MemorySample, type MemoryTrend, measureTrend } from './memory-trend.ts'

/** Guests that stay while others come and go: none, Debian guests at work, or stand-ins of 1.5 GiB. */
export type StayingGuests = 'none' | 'real' | 'large'

export interface SoakPlan {
  readonly minutes: number
  /** Between two looks at memory; churn and requests come every so many. Default 1000. */
  readonly tickMs?: number
  readonly staying: StayingGuests
  /** False: KSM is left alone and guests keep out of its sight, so that others can use the machine meanwhile. */
  readonly withKsm: boolean
  readonly say: (line: string) => void
}

export interface SoakResult {
  readonly plan: Omit<SoakPlan, 'say'>
  readonly serve: MemoryTrend
  readonly govern: MemoryTrend
  readonly guestsStarted: number
  readonly guestsEnded: number
  readonly samples: number
  readonly assessments: number
  readonly plans: number
  readonly rounds: number
  /** What went wrong: answers that were errors, a helper that ended, settings not put back. */
  readonly failures: readonly string[]
  readonly memory: Readonly<Record<'serve' | 'govern', readonly MemorySample[]>>
}

/** A database and a file reader that never end. */
const WORK_FOR_EVER = `nohup sh -c 'while :; do
  su postgres -c "pgbench -n -T 20 bench"; tar cf - /usr | wc -c; done' >/dev/null 2>&1 </dev/null &`
const IMAGES = 3
const IMAGE_MIB = 32
const MAX_GUESTS = 4
const defaultTickMs = 1000
// In ticks.
const SAMPLE_EVERY = 2
const CHURN_EVERY = 4
const ASSESS_EVERY = 20
const PLAN_EVERY = 45
const SAY_EVERY = 60

export async function soak(plan: SoakPlan): Promise<SoakResult> {
  const found = readKsmSettings()
  const lab = await upFaultLab({ guests: stayingGuests(plan.staying) })
  try {
    const run = new SoakRun(lab, plan)
    await run.start()
    await run.goOn()
    return await run.end(found)
  } finally {
    await lab.down()
  }
}

function stayingGuests(staying: StayingGuests): readonly GuestOptions[] {
  if (staying === 'real') return realGuests(2)
  return staying === 'large' ? largeGuests({ ramMiB: 1536 }) : []
}

class SoakRun {
  readonly #lab: FaultLab
  readonly #plan: SoakPlan
  readonly #random = createRandom(30)
  readonly #images: { path: string; block: string }[] = []
  readonly #guests: StillGuest[] = []
  readonly #memory: { serve: MemorySample[]; govern: MemorySample[] } = { serve: [], govern: [] }
  readonly #failures: string[] = []
  readonly #counts = {
    guestsStarted: 0,
    guestsEnded: 0,
    samples: 0,
    assessments: 0,
    plans: 0,
    rounds: 0,
  }
  #session: HostSession | undefined
  #governor: { child: ChildProcess; pid: number } | undefined

  constructor(lab: FaultLab, plan: SoakPlan) {
    this.#lab = lab
    this.#plan = plan
  }

  async start(): Promise<void> {
    for (let index = 0; index < IMAGES; index += 1)
      this.#images.push(this.#lab.writeFile(`image-${index}`, IMAGE_MIB))
    for (let index = 0; index < 2; index += 1) await this.#startGuest()
    if (this.#plan.staying === 'real')
      for (const guest of this.#lab.host.guests) await guest.command(WORK_FOR_EVER)
    this.#session = await this.#lab.openSession('--session')
    this.#governor = await this.#startGovernor()
  }

  async goOn(): Promise<void> {
    const began = performance.now()
    const { minutes, tickMs = defaultTickMs } = this.#plan
    const ticks = Math.round((minutes * 60_000) / tickMs)
    for (let tick = 1; tick <= ticks; tick += 1) {
      const isDue = (every: number) => tick % every === 0
      if (isDue(SAMPLE_EVERY) && (await this.#ask('sample'))) this.#counts.samples += 1
      if (isDue(CHURN_EVERY)) await this.#churn()
      if (isDue(ASSESS_EVERY) && (await this.#ask('assess'))) this.#counts.assessments += 1
      if (isDue(PLAN_EVERY) && (await this.#ask('page-cache/plan'))) this.#counts.plans += 1
      this.#readMemory((performance.now() - began) / 1000)
      if (isDue(SAY_EVERY)) this.#plan.say(this.#describe(tick))
      await sleep(Math.max(0, began + tick * tickMs - performance.now()))
    }
  }

  async end(found: Record<string, string>): Promise<SoakResult> {
    // The helper itself: nsenter would not pass the signal on.
    if (this.#governor !== undefined) process.kill(this.#governor.pid, 'SIGTERM')
    const code = await exitOf(this.#governor?.child)
    if (code !== 0) this.#failures.push(`govern ended with code ${code}`)
    const served = await this.#session?.end()
    if (served !== 0) this.#failures.push(`serve ended with code ${served}`)
    // Left alone, they are others' to change meanwhile.
    const now = this.#plan.withKsm ? readKsmSettings() : found
    for (const knob of Object.keys({ ...found, ...now })) {
      if (found[knob] !== now[knob])
        this.#failures.push(`KSM's ${knob} was ${found[knob]} and is ${now[knob]}`)
    }
    const { serve, govern } = this.#memory
    const { minutes, withKsm, staying } = this.#plan
    return {
      plan: { minutes, withKsm, staying },
      serve: measureTrend(serve),
      govern: measureTrend(govern),
      ...this.#counts,
      failures: this.#failures,
      memory: this.#memory,
    }
  }

  async #startGuest(): Promise<void> {
    this.#counts.guestsStarted += 1
    const { path, block } = this.#images[this.#random.below(IMAGES)] as { path: string; block: string }
    const ramMiB = 128 + 64 * this.#random.below(3)
    const merge = this.#plan.withKsm ? 'on' : 'off'
    const memory = `memory-backend-ram,id=ram0,size=${ramMiB}M,prealloc=on,merge=${merge}`
    const drives = [`file=${path},format=raw`]
    const name = `soak-${this.#counts.guestsStarted}`
    this.#guests.push(await this.#lab.startGuest({ name, ramMiB, memory, contents: [block], drives }))
  }

  async #churn(): Promise<void> {
    if (this.#guests.length < 2 || (this.#guests.length < MAX_GUESTS && this.#random.next() < 0.5)) {
      await this.#startGuest()
      return
    }
    const [guest] = this.#guests.splice(this.#random.below(this.#guests.length), 1)
    await guest?.kill()
    this.#counts.guestsEnded += 1
    // What the next guests read again comes back to the cache.
    for (const { path } of this.#images) readFileSync(path)
  }

  async #ask(method: string): Promise<boolean> {
    const session = this.#session
    if (session === undefined) return false
    const answer = await session.call(method)
    // What was answered is done with: this test must not hide the helper's memory behind its own.
    session.answers.length = 0
    if (answer.error === undefined) return true
    this.#failures.push(`${method}: ${answer.error.message}`)
    return false
  }

  async #startGovernor() {
    const ksm = this.#plan.withKsm
      ? { mode: 'govern', startPotentialBytes: 2 ** 20, measureSeconds: 15 }
      : { mode: 'observe', measureSeconds: 15 }
    const policy = join(this.#lab.folder, 'policy.json')
    writeFileSync(policy, JSON.stringify({ scrub: { mode: 'periodic', everySeconds: 10 }, ksm }))
    const child = spawn(this.#lab.enter, ['govern', '--json', '--policy', policy], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      this.#counts.rounds += chunk.toString().split('\n').length - 1
    })
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-300)
    })
    child.on('exit', (code) => code !== 0 && this.#failures.push(`govern: ${said}`))
    return { child, pid: await findHelper(child.pid ?? 0) }
  }

  #readMemory(seconds: number): void {
    const pids = { serve: this.#session?.pid, govern: this.#governor?.pid }
    for (const name of ['serve', 'govern'] as const) {
      const status = readFileSync(`/proc/${pids[name]}/status`, 'utf8')
      const bytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
      this.#memory[name].push({ seconds, bytes })
    }
  }

  #describe(tick: number): string {
    const mib = (name: 'serve' | 'govern') => ((this.#memory[name].at(-1)?.bytes ?? 0) / 2 ** 20).toFixed(1)
    return `${tick} s: serve ${mib('serve')} MiB, govern ${mib('govern')} MiB; ${JSON.stringify(this.#counts)}`
  }
}

function exitOf(child: ChildProcess | undefined): Promise<number | null> {
  if (child === undefined || child.exitCode !== null) return Promise.resolve(child?.exitCode ?? null)
  return new Promise((resolve) => child.once('exit', resolve))
}
