// What was evicted, for the audit: the first eviction at once, then a line a minute, and the rest at the end. What has
// no line yet stands in a file, so that a killed run loses nothing: the next one writes its lines.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { objectOf } from '../../../src/shared/contract/object-of.ts'
import { count, instant, path } from '../../../src/shared/contract/quantity.ts'
import { parseJson } from '../../../src/shared/parsing/parse-json.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { appendAudit } from '../changes/audit.ts'
import type { ChangeContext } from '../changes/change.ts'
import { pageSize } from '../kernel/page-size.ts'
import { readIfThere } from '../kernel/read-if-there.ts'
import { systemProblem } from '../kernel/system-error.ts'
import type { EvictedImage } from './governed-host.ts'

const flushSeconds = 60

const unwritten = objectOf(() => ({
  at: instant,
  who: z.string().max(512),
  from: z.string().max(512),
  pages: z.array(z.tuple([path, count])).max(100_000),
}))

export class EvictionLedger {
  readonly #context: ChangeContext
  readonly #file: string
  /** By identity and label: what a path means changes while containers come and go. */
  readonly #pending = new Map<string, { readonly path: string; readonly pages: number }>()
  #flushedAt = Number.NEGATIVE_INFINITY

  constructor(context: ChangeContext) {
    this.#context = context
    this.#file = join(context.folders.state, 'govern-evictions.json')
  }

  /** Writes the lines of a run that was killed. */
  async recover(): Promise<void> {
    const found = await this.#readUnwritten()
    if (found === undefined) return
    const { at, who, from } = found
    for (const [target, pages] of found.pages)
      appendAudit(this.#context.folders, { at, who, from, ...this.#lineOf(target, pages), outcome: 'done' })
    this.#forgetUnwritten()
  }

  addEvicted(evicted: readonly EvictedImage[], nowSeconds: number): void {
    let added = 0
    for (const { path, id, evictedPages } of evicted) {
      const key = `${id} ${path}`
      const pages = (this.#pending.get(key)?.pages ?? 0) + evictedPages
      if (evictedPages > 0) this.#pending.set(key, { path, pages })
      added += evictedPages
    }
    if (nowSeconds - this.#flushedAt >= flushSeconds) this.flush(nowSeconds)
    else if (added > 0) this.#writeUnwritten()
  }

  flush(nowSeconds: number): void {
    if (this.#pending.size === 0) return
    for (const { path: target, pages } of this.#pending.values()) {
      const line = this.#lineOf(target, pages)
      appendAudit(this.#context.folders, {
        at: wallClock(),
        ...this.#context.actor,
        ...line,
        outcome: 'done',
      })
    }
    this.#pending.clear()
    this.#forgetUnwritten()
    this.#flushedAt = nowSeconds
  }

  #lineOf(target: string, pages: number) {
    return { action: 'govern scrub', target, after: `${formatBytes(pages * pageSize)} evicted` }
  }

  /** Not synced: it is for a killed process, and a crash of the machine empties the page cache anyway. */
  #writeUnwritten(): void {
    const value = {
      at: wallClock(),
      ...this.#context.actor,
      pages: [...this.#pending.values()].map(({ path, pages }) => [path, pages]),
    }
    try {
      writeFileSync(this.#file, JSON.stringify(value), { mode: 0o600 })
    } catch (error) {
      throw systemProblem(error, `write ${this.#file}`)
    }
  }

  #forgetUnwritten(): void {
    rmSync(this.#file, { force: true })
  }

  /** undefined: there is none, or it was cut off in the writing. */
  async #readUnwritten(): Promise<z.infer<typeof unwritten> | undefined> {
    const text = await readIfThere(this.#file)
    return text === undefined ? undefined : unwritten.safeParse(parseJson(text)).data
  }
}
