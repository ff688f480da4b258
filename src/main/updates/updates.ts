// Tells when there is a newer version, by asking an address once a day. Off until a person names one: a closed network is
// asked for nothing. It fetches no program and starts none.
import { join } from 'node:path'
import { z } from 'zod'
import type { UpdateStatus } from '../../shared/contract/index.ts'
import { updateFeed } from '../../shared/contract/updates.ts'
import { asProblem, type Problem, type ProblemData } from '../../shared/problem.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import { readStateFile, writeStateFile } from '../state-files/state-file.ts'
import { isNewer, type Release, readFeed } from './read-feed.ts'

const updatesFile = z.object({ version: z.literal(1), feed: updateFeed.optional() })
const askEveryMs = 86_400_000

export interface UpdatesParts {
  readonly dataDirectory: string
  readonly version: string
  readonly onProblem: (problem: Problem) => void
}

export class Updates {
  readonly #parts: UpdatesParts
  readonly #path: string
  readonly #end = new AbortController()
  #timer: ReturnType<typeof setInterval> | undefined
  #feed: string | undefined
  #found: Release | undefined
  #askedAt: number | undefined
  #problem: ProblemData | undefined

  constructor(parts: UpdatesParts) {
    this.#parts = parts
    this.#path = join(parts.dataDirectory, 'updates.json')
  }

  /** Goes on with the address that was named before, if any. Waits for no answer. */
  async start(): Promise<void> {
    try {
      const kept = await readStateFile(this.#path, updatesFile, this.#parts.onProblem)
      this.#feed = kept?.feed
    } catch (error) {
      this.#parts.onProblem(asProblem(error, 'cannot read the address that is asked for newer versions'))
    }
    if (this.#feed !== undefined) void this.#ask()
    this.#timer = setInterval(() => void this.#ask(), askEveryMs)
    this.#timer.unref()
  }

  status(): UpdateStatus {
    const found = this.#found
    const newer = found && isNewer(found.version, this.#parts.version) ? found : undefined
    return {
      current: this.#parts.version,
      ...withValue({ feed: this.#feed, newer, askedAt: this.#askedAt, problem: this.#problem }),
    }
  }

  /** Asks at once. `feed` absent: asks nobody any more. */
  async follow(feed: string | undefined): Promise<UpdateStatus> {
    // What a newer workbench has written is not written over.
    await readStateFile(this.#path, updatesFile, this.#parts.onProblem)
    await writeStateFile(this.#path, updatesFile, { version: 1, ...withValue({ feed }) })
    this.#feed = feed
    this.#found = undefined
    this.#askedAt = undefined
    this.#problem = undefined
    await this.#ask()
    return this.status()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#end.abort()
  }

  async #ask(): Promise<void> {
    const feed = this.#feed
    if (feed === undefined) return
    try {
      const found = await readFeed(feed, this.#end.signal)
      if (this.#feed !== feed) return
      this.#found = found
      this.#askedAt = wallClock()
      this.#problem = undefined
    } catch (error) {
      if (this.#feed === feed) this.#problem = asProblem(error).toData()
    }
  }
}
