// Tells whether anything has written to an image.
import { fstatSync } from 'node:fs'
import { wallClock } from '../../../src/shared/wall-clock.ts'
import type { OpenImage } from './open-image.ts'

/**
 * The time of a write is taken before its data is copied, and a large write may be held up. The worst that comes of one
 * that is held up longer: a clean page is evicted for nothing.
 */
const settledNanoseconds = 10_000_000_000n

/**
 * The same as long as nothing writes: every write sets the time of change (inode(7)), which nobody can set back. undefined:
 * it changed a moment ago, so that a further write might go unseen, or it is a block device, whose content has no such time.
 */
export function readVersion({ fd, image }: OpenImage): string | undefined {
  if (image.format === 'block-device') return undefined
  // The time of change is the wall clock's, which steps. Whichever way it went since this process began, a change that
  // is not 10 s old by both clocks is not settled; the worst of that is an image that is read once more.
  const steadyMs = performance.timeOrigin + performance.now()
  const now = BigInt(Math.floor(Math.min(wallClock(), steadyMs))) * 1_000_000n
  const { mtimeNs, ctimeNs, size } = fstatSync(fd, { bigint: true })
  return ctimeNs + settledNanoseconds > now ? undefined : `${mtimeNs} ${ctimeNs} ${size}`
}
