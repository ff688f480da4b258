// What is seen of the hosts that run the policy of a roll-out, and for how long all of them have held.
import type { PolicyRound, PolicyRun } from '../../shared/contract/index.ts'
import type { HelperLink } from '../helper-link/helper-link.ts'
import { whyTripped } from './judge-round.ts'

const silentMs = 15_000

interface WatchedHost {
  /** A policy in session mode lives as long as this link; a service goes on without us. */
  readonly link: HelperLink
  readonly sinceMs: number
  runId: string | undefined
  /** The first round that was judged: pressure is judged against it, over connections too. */
  first: PolicyRound | undefined
  lastSequence: number
  /** When its last round was judged. Undefined: none was by this link. */
  judgedMs: number | undefined
  askedMs: number
  /** Whether it answered when it was asked last. */
  isAnswering: boolean
}

export class WatchedHosts {
  readonly #hosts = new Map<string, WatchedHost>()
  readonly #pressureRatio: number
  /** Up to here time was counted. Undefined: a host could not be judged. */
  #countedMs: number | undefined

  constructor(pressureRatio: number) {
    this.#pressureRatio = pressureRatio
  }

  find(hostId: string): WatchedHost | undefined {
    return this.#hosts.get(hostId)
  }

  /** From now on by this link. */
  watch(hostId: string, link: HelperLink, nowMs: number, runId?: string): WatchedHost {
    const first = this.#hosts.get(hostId)?.first
    const watched = {
      ...{ link, sinceMs: nowMs, runId, first, lastSequence: 0 },
      ...{ judgedMs: undefined, askedMs: Number.NEGATIVE_INFINITY, isAnswering: true },
    }
    this.#hosts.set(hostId, watched)
    return watched
  }

  forget(hostId: string): void {
    this.#hosts.delete(hostId)
  }

  /** Rounds that were not told are judged as well; of a run that was not known, the last one. */
  judgeRun(hostId: string, { id, rounds }: PolicyRun, nowMs: number): string | undefined {
    const watched = this.#hosts.get(hostId)
    if (watched === undefined) return undefined
    const isKnown = watched.runId === id && watched.lastSequence > 0
    if (watched.runId !== id) watched.lastSequence = 0
    watched.runId = id
    return (isKnown ? rounds : rounds.slice(-1))
      .map((round) => this.judgeRound(hostId, round, nowMs))
      .find((why) => why !== undefined)
  }

  /** Why it is a reason to stop. A round of another run is none of ours: the host is to be asked. */
  judgeRound(hostId: string, round: PolicyRound, nowMs: number): string | undefined {
    const watched = this.#hosts.get(hostId)
    if (watched === undefined) return undefined
    if (round.runId !== watched.runId) {
      watched.askedMs = Number.NEGATIVE_INFINITY
      return undefined
    }
    if (round.sequence <= watched.lastSequence) return undefined
    watched.lastSequence = round.sequence
    watched.judgedMs = nowMs
    watched.first ??= round
    return whyTripped(round, watched.first, this.#pressureRatio)
  }

  /** Whether it has told nothing for so long that its stage is seen to wait for it. */
  isSilent(hostId: string, nowMs: number): boolean {
    const watched = this.#hosts.get(hostId)
    return watched !== undefined && nowMs - (watched.judgedMs ?? watched.sinceMs) > silentMs
  }

  /**
   * Seconds since the last call in which all of these hosts held, as far as their rounds tell: time in which nobody
   * could judge one of them proves nothing.
   */
  takeHeldSeconds(hostIds: readonly string[]): number {
    const judged = hostIds.flatMap((id) => this.#hosts.get(id)?.judgedMs ?? [])
    const from = this.#countedMs
    if (judged.length < hostIds.length) this.#countedMs = undefined
    else this.#countedMs = Math.max(from ?? Math.max(...judged), Math.min(...judged))
    return from === undefined || this.#countedMs === undefined ? 0 : (this.#countedMs - from) / 1000
  }
}
