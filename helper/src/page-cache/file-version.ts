// Tells whether anything has written to an image.
import { fstatSync } from 'node:fs'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import type { OpenImage } from './open-image.ts'

/**
 * The time of a write is taken before its data is copied, and a large write may be held up. The worst that comes of one
 * that is held up longer: a clean page is evicted for nothing.
 */
const settledMs = 10_000

/** Larger ones are no drift between the two clocks. */
const minStepMs = 1000

/**
 * Notices steps of the wall clock. One that went forward makes a write of a moment ago look old: only what is asked once
 * the step is as long ago as a write has to be can be told from its time.
 */
class StepWatch {
  #aheadMs = performance.timeOrigin
  #steppedAtMs = Number.NEGATIVE_INFINITY

  /** Nanoseconds since the epoch before which a write is settled; undefined: the clock stepped too short a time ago. */
  settledBefore(): bigint | undefined {
    const wallMs = wallClock()
    const steadyMs = performance.now()
    if (Math.abs(wallMs - steadyMs - this.#aheadMs) > minStepMs) {
      this.#aheadMs = wallMs - steadyMs
      this.#steppedAtMs = steadyMs
    }
    if (steadyMs - this.#steppedAtMs < settledMs) return undefined
    return BigInt(Math.floor(wallMs) - settledMs) * 1_000_000n
  }
}

const steps = new StepWatch()

/**
 * The same as long as nothing writes: every write sets the time of change (inode(7)), which nobody can set back. undefined:
 * it changed a moment ago, so that a further write might go unseen, or it is a block device, whose content has no such time.
 */
export function readVersion({ fd, image }: Pick<OpenImage, 'fd' | 'image'>): string | undefined {
  if (image.format === 'block-device') return undefined
  const settledBefore = steps.settledBefore()
  const { mtimeNs, ctimeNs, size } = fstatSync(fd, { bigint: true })
  return settledBefore === undefined || ctimeNs > settledBefore ? undefined : `${mtimeNs} ${ctimeNs} ${size}`
}
