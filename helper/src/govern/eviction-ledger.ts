// What was evicted, for the audit: the first eviction at once, then a line a minute, and the rest at the end.
import { formatBytes } from '../../../src/shared/units.ts'
import { appendAudit } from '../audit.ts'
import type { ChangeContext } from '../change.ts'
import type { EvictedImage } from './governed-host.ts'

const flushSeconds = 60

export class EvictionLedger {
  private readonly context: ChangeContext
  private readonly pageSize: number
  private readonly pending = new Map<string, number>()
  private flushedAt = Number.NEGATIVE_INFINITY

  constructor(context: ChangeContext, pageSize: number) {
    this.context = context
    this.pageSize = pageSize
  }

  add(evicted: readonly EvictedImage[], nowSeconds: number): void {
    for (const { path, evictedPages } of evicted)
      if (evictedPages > 0) this.pending.set(path, (this.pending.get(path) ?? 0) + evictedPages)
    if (nowSeconds - this.flushedAt >= flushSeconds) this.flush(nowSeconds)
  }

  flush(nowSeconds: number): void {
    if (this.pending.size === 0) return
    for (const [target, pages] of this.pending) {
      const after = `${formatBytes(pages * this.pageSize)} evicted`
      const entry = {
        at: Date.now(),
        ...this.context.actor,
        action: 'govern scrub',
        target,
        after,
        outcome: 'done',
      }
      appendAudit(this.context.folders, entry)
    }
    this.pending.clear()
    this.flushedAt = nowSeconds
  }
}
