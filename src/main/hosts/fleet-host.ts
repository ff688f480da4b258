// One host of the fleet: its session, what was measured there, and the view that screens get of it.

import type {
  Assessment,
  Capacity,
  HostChange,
  HostView,
  Machine,
  Mark,
  PolicyRound,
  PolicyRun,
  PolicyStatus,
  Sample,
  SavedHost,
  ScrubResult,
} from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { wallClock } from '../../shared/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Announcer } from '../announcer.ts'
import type { HostAudit } from '../audit/host-audit.ts'
import type { LinkOptions } from '../helper-link/helper-link.ts'
import type { History, Remembered } from '../history/history.ts'
import { leftAfterScrub, type WhatIsLeft } from '../history/what-is-left.ts'
import { type CpuSpent, HostFigures, stillEvictedBytes } from './host-figures.ts'
import { HostLog } from './host-log.ts'
import { marksBetween, maxTextLength } from './host-marks.ts'
import { HostSession, type SessionParts } from './host-session.ts'
import { keepToContract } from './keep-to-contract.ts'
import { type NewNote, PolicyNotes } from './policy-notes.ts'
import type { PromptBoard } from './prompt-board.ts'
import type { ArrivedSample } from './sampling.ts'
import type { TaskBoard } from './task-board.ts'
import { Throttle } from './throttle.ts'

export interface FleetHostParts
  extends Pick<SessionParts, 'openLink' | 'environment' | 'slots' | 'retryMs' | 'sampleEveryMs'> {
  readonly announcer: Announcer
  readonly prompts: PromptBoard
  readonly tasks: TaskBoard
  readonly history: History
  readonly audit: HostAudit
}

const viewEveryMs = 500

export class FleetHost {
  readonly session: HostSession
  readonly log: HostLog
  readonly #figures = new HostFigures()
  readonly #changed: Throttle
  readonly #parts: FleetHostParts
  #firstAssessment: Assessment | undefined
  #assessment: Assessment | undefined
  #machine: Machine | undefined
  #lastScrub: ScrubResult | undefined
  #left: WhatIsLeft = {}
  #policy: PolicyRun | undefined
  /** The last one of the policy that runs. */
  #round: PolicyRound | undefined
  #capacity: Capacity | undefined
  readonly #notes = new PolicyNotes()
  #clockAheadSeconds: number | undefined
  #wasConnected = false

  constructor(host: SavedHost, parts: FleetHostParts) {
    this.#parts = parts
    this.log = new HostLog(host.id, parts.announcer.announce)
    this.#changed = new Throttle(viewEveryMs, () => parts.announcer.announce('host/changed', this.#change()))
    this.session = new HostSession(host, {
      ...parts,
      ask: (question, signal) => parts.prompts.ask(host.id, question, signal),
      log: this.log.write satisfies LinkOptions['onLog'],
      onInstalled: (path) => parts.audit.recordInstall(this.session.host, path),
      onConnection: () => this.#noteConnection(),
      onSample: (arrived, before) => this.#addSample(arrived, before),
      onRound: (round) => {
        parts.announcer.announce('policies/round', { hostId: host.id, round })
        this.#round = round
        this.#addNotes(this.#notes.add(round, wallClock()))
        // Of a policy that this session did not start: the service of the host runs it.
        if (this.#policy === undefined) void this.askPolicy()
      },
    })
  }

  /** Notes what runs there now; where the helper cannot say, nothing is known to run. */
  async askPolicy(): Promise<void> {
    try {
      this.notePolicy(await this.session.call('policies/status', {}, { timeoutMs: 20_000 }))
    } catch {
      // The connection has gone, or the service starts; its next round asks again.
      this.#policy = undefined
    }
  }

  /** The first assessment that the workbench made of this host. */
  get firstAssessment(): Assessment | undefined {
    return this.#firstAssessment
  }

  /** The last estimate, for reports; kept while the workbench runs. */
  get lastCapacity(): Capacity | undefined {
    return this.#capacity
  }

  noteCapacity(capacity: Capacity): void {
    this.#capacity = capacity
  }

  /** What helper and ksmd used while samples were taken; undefined without samples. */
  get cpuSpent(): CpuSpent | undefined {
    return this.#figures.cpuSpent
  }

  changed(): void {
    this.#changed.request()
  }

  /** What earlier runs of the workbench measured. */
  remember({ firstAssessment, assessment, scrub, left = {} }: Remembered): void {
    this.#firstAssessment ??= firstAssessment
    this.#assessment ??= assessment
    this.#lastScrub ??= scrub
    this.#left = { ...left, ...this.#left }
    this.#announceDocuments()
  }

  addAssessment(assessment: Assessment): void {
    this.#firstAssessment ??= assessment
    this.#assessment = assessment
    const { doubleCachedBytes, reclaimableBytes } = assessment.totals
    this.#left = { doubleCachedBytes, reclaimableBytes }
    this.#mark('assessment', `assessed: ${formatBytes(reclaimableBytes)} reclaimable`)
    this.#parts.history.addAssessment(this.session.host.id, assessment)
    this.#announceDocuments()
  }

  /** What the helper answered last about the policy that it runs. */
  notePolicy({ run, ended }: PolicyStatus): void {
    if (run?.since !== this.#policy?.since) {
      const how = ended === undefined ? 'policy ended' : `policy ended: ${ended}`
      this.#mark(
        'policy',
        run ? `policy scrub ${run.policy.scrub.mode}, KSM ${run.policy.ksm.mode} runs` : how,
      )
    }
    this.#policy = run
    if (run === undefined) this.#round = undefined
    this.#addNotes(this.#notes.follow(run, wallClock(), -1000 * (this.#clockAheadSeconds ?? 0)))
    this.changed()
  }

  #addNotes(notes: readonly NewNote[]): void {
    if (notes.length > 0) this.#parts.history.addNotes(this.session.host.id, notes)
  }

  /** `whole`: every image was asked for, not a choice of them. */
  addScrub(scrub: ScrubResult, whole: boolean): void {
    this.#lastScrub = scrub
    if (!scrub.dryRun) this.#mark('scrub', `scrubbed: ${formatBytes(scrub.totals.evictedBytes)} evicted`)
    this.#left = leftAfterScrub(this.#left, scrub.totals, whole)
    this.#parts.history.addScrub(this.session.host.id, scrub, whole)
    this.#announceDocuments()
  }

  view(): HostView {
    const { latest } = this.#figures
    return {
      ...this.#change(),
      ...withValue({ latest, assessment: this.#assessment, lastScrub: this.#lastScrub }),
    }
  }

  #change(): HostChange {
    const { session } = this
    // A policy in session mode ends with its session.
    if (!session.link) {
      this.#policy = undefined
      this.#round = undefined
    }
    this.#machine = session.link?.hello.host.machine ?? this.#machine
    const machine = this.#machine ?? this.#assessment?.host.machine
    const reclaimedBytes = this.#reclaimedBytes(this.#figures.latest)
    return keepToContract({
      host: session.host,
      connection: session.connection,
      ...this.#left,
      ...this.#figures.rates(),
      ...withValue({
        hello: session.link?.hello,
        machine,
        reclaimedBytes,
        policy: this.#policy && summarizePolicy(this.#policy),
        clockAheadSeconds: this.#clockAheadSeconds,
      }),
      sparkline: this.#figures.sparkline(),
      tasks: this.#parts.tasks.list(session.host.id),
    })
  }

  close(): void {
    this.session.disconnect()
    this.#changed.stop()
  }

  /** An act of the workbench, for the time axis; scrubs and policies say it themselves. */
  noteChange(text: string): void {
    this.#mark('change', text)
  }

  #mark(kind: Mark['kind'], text: string): void {
    const mark = { at: wallClock(), kind, text: text.slice(0, maxTextLength) }
    this.#parts.history.addMark(this.session.host.id, mark)
  }

  #noteConnection(): void {
    if (!this.session.link) this.#addNotes(this.#notes.leave(wallClock()))
    const { connection } = this.session
    const isConnected = connection.state === 'connected'
    if (isConnected !== this.#wasConnected) {
      const problem = 'problem' in connection ? connection.problem : undefined
      const lost = problem === undefined ? 'disconnected' : `connection lost: ${problem.message}`
      this.#mark('connection', isConnected ? 'connected' : lost)
      this.#noteBoot()
    }
    this.#wasConnected = isConnected
    this.changed()
  }

  /** The machine answers with another boot than before: it was started again in between. */
  #noteBoot(): void {
    const machine = this.session.link?.hello.host.machine
    const before = this.#machine ?? this.#assessment?.host.machine
    if (machine && before && machine.bootId !== before.bootId) this.#mark('host', 'the host was booted')
    this.#machine = machine ?? this.#machine
  }

  #addSample({ sample, aheadSeconds }: ArrivedSample, before: Sample | undefined): void {
    this.#clockAheadSeconds = aheadSeconds
    this.#figures.add(sample, before)
    this.#parts.history.addSample(this.session.host.id, before, sample, this.#round)
    for (const mark of marksBetween(before, sample)) this.#parts.history.addMark(this.session.host.id, mark)
    this.#parts.announcer.announce('sample/added', { hostId: this.session.host.id, sample })
    this.changed()
  }

  /** The documents may be large, so they travel only when they are new. */
  #announceDocuments(): void {
    this.#parts.announcer.announce('host/measured', {
      hostId: this.session.host.id,
      ...withValue({ assessment: this.#assessment, lastScrub: this.#lastScrub }),
    })
    this.changed()
  }

  #reclaimedBytes(latest: Sample | undefined): number | undefined {
    if (!latest) return undefined
    const merged = latest.ksm?.mergedBytes
    const evicted = this.#lastScrub && stillEvictedBytes(this.#lastScrub, latest)
    return merged === undefined && evicted === undefined ? undefined : (merged ?? 0) + (evicted ?? 0)
  }
}

function summarizePolicy({ policy, mode, since }: PolicyRun): NonNullable<HostView['policy']> {
  return { scrub: policy.scrub.mode, ksm: policy.ksm.mode, mode, since }
}
