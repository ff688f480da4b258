// One host of the fleet: its session, what was measured there, and the view that screens get of it.

import { Allowance } from '../../shared/channel/allowance.ts'
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
import { wallClock } from '../../shared/time/wall-clock.ts'
import { formatBytes } from '../../shared/units.ts'
import { withValue } from '../../shared/with-value.ts'
import type { Announcer } from '../announcer.ts'
import type { HostAudit } from '../audit/host-audit.ts'
import type { LinkOptions } from '../helper-link/helper-link.ts'
import type { History, Remembered } from '../history/history.ts'
import { leftAfterScrub, type WhatIsLeft } from '../history/what-is-left.ts'
import { FollowedPolicy } from './followed-policy.ts'
import { type CpuSpent, HostFigures, stillEvictedBytes } from './host-figures.ts'
import { HostLog } from './host-log.ts'
import { marksBetween, maxTextLength } from './host-marks.ts'
import { HostSession, type SessionParts } from './host-session.ts'
import { keepToContract } from './keep-to-contract.ts'
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
const statusWithinMs = 20_000
/** A policy looks ten times a second at most; every page is told of each round. */
const roundsAtOnce = 200
const roundsPerSecond = 20

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
  readonly #policy: FollowedPolicy
  readonly #rounds = new Allowance(roundsAtOnce, roundsPerSecond)
  #leavesRoundsOut = false
  #capacity: Capacity | undefined
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
      onRound: (round) => this.#takeRound(round),
    })
    this.#policy = new FollowedPolicy({
      ask: () => this.session.call('policies/status', {}, { timeoutMs: statusWithinMs }),
      mark: (at, text) => this.#mark('policy', text, at),
      addNotes: (notes) => {
        if (notes.length > 0) parts.history.addNotes(host.id, notes)
      },
      changed: () => this.changed(),
    })
  }

  /** Notes what runs there now; where the helper cannot say, nothing is known to run. */
  askPolicy(): Promise<void> {
    return this.#policy.ask()
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
  notePolicy(status: PolicyStatus): void {
    this.#policy.noteStatus(status)
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
        policy: session.link && this.#policy.run && summarizePolicy(this.#policy.run),
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

  #mark(kind: Mark['kind'], text: string, at = wallClock()): void {
    const mark = { at, kind, text: text.slice(0, maxTextLength) }
    this.#parts.history.addMark(this.session.host.id, mark)
  }

  #noteConnection(): void {
    if (!this.session.link) this.#policy.leave()
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

  #takeRound(round: PolicyRound): void {
    if (!this.#rounds.spend()) {
      // Once, as each line of the log is told to every page and takes the place of an earlier one.
      if (!this.#leavesRoundsOut)
        this.log.write('warning', `leaves out rounds of the policy: more than ${roundsPerSecond} a second`)
      this.#leavesRoundsOut = true
      return
    }
    this.#leavesRoundsOut = false
    this.#parts.announcer.announce('policies/round', { hostId: this.session.host.id, round })
    this.#policy.noteRound(round)
  }

  #addSample({ sample, aheadSeconds }: ArrivedSample, before: Sample | undefined): void {
    this.#clockAheadSeconds = aheadSeconds
    this.#policy.noteClock(aheadSeconds)
    this.#figures.addSample(sample, before)
    this.#parts.history.addSample(this.session.host.id, before, sample, this.#policy.lastRound)
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

function summarizePolicy({ id, policy, mode, since }: PolicyRun): NonNullable<HostView['policy']> {
  return { id, scrub: policy.scrub.mode, ksm: policy.ksm.mode, mode, since }
}
