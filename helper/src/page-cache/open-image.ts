// Opens an image through its guests' descriptors, for looking at what the page cache holds of it.

import { closeSync, fstatSync } from 'node:fs'
import { Problem, type ProblemData } from '../../../src/shared/problem.ts'
import { formatBytes } from '../../../src/shared/units.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { Image } from '../images/image.ts'
import { deviceOfImage } from '../images/image-identity.ts'
import { openDescriptor } from '../images/open-descriptor.ts'
import type { ByteRange } from '../kernel/byte-range.ts'
import { adviseNoReuse } from '../kernel/file-advice.ts'
import { pageSize } from '../kernel/page-size.ts'
import { MappingStays, processProblem, systemProblem } from '../kernel/system-error.ts'
import { CacheCounts } from './cache-counts.ts'
import { windowPages } from './image-window.ts'

export interface OpenImage {
  readonly fd: number
  readonly image: Image
  readonly counts: CacheCounts
  /** Windows may still be walked where the kernel does not count; negative: some were left out. */
  windowsLeft: number
}

/** Images of which a mapping could not be given back: they are not mapped again. */
const unreleased = new Set<string>()

/**
 * Opens an image read-only, and closes it when `work` is done. Needs root for guests of other users. Throws `gone` where no
 * guest has the image open any more, `not-permitted` where its guest's user may not read it.
 */
export async function withOpenImage<T>(image: Image, work: (open: OpenImage) => Promise<T> | T): Promise<T> {
  if (unreleased.has(image.id)) {
    const what = 'a mapping of it could not be given back, so the helper makes no other until it is restarted'
    throw new Problem('internal', `cannot look at image ${image.label}: ${what}`)
  }
  const fd = openForScan(image)
  try {
    const counts = new CacheCounts(fd, deviceOfImage(image.id))
    return await work({ fd, image, counts, windowsLeft: maxWalkedWindows })
  } catch (error) {
    if (error instanceof MappingStays) unreleased.add(image.id)
    throw error
  } finally {
    closeSync(fd)
  }
}

/**
 * Opens an image for reading, through any descriptor that still is this image. Returns the number of the new descriptor,
 * which the caller closes. Needs root for guests of other users. Throws `gone` where no descriptor is this image any more,
 * or why the last one cannot be opened. Source: /proc/<pid>/fd.
 */
export function openImage(image: Image, flags = 0): number {
  let failure: unknown
  for (const place of image.places) {
    try {
      return openDescriptor(place, image.id, flags)
    } catch (error) {
      failure = error
    }
  }
  const isGone = failure === undefined || processProblem(failure, '').code === 'gone'
  throw isGone ? imageGone(image, failure) : nameImage(image, failure)
}

function openForScan(image: Image): number {
  const fd = openImage(image)
  try {
    // Kernels before 6.3 accept the advice and do nothing: failing is no ordinary answer.
    adviseNoReuse(fd)
    return fd
  } catch (error) {
    closeSync(fd)
    throw nameImage(image, error)
  }
}

function nameImage(image: Image, error: unknown): Problem {
  const problem = systemProblem(error, 'open it')
  const reason = problem.message.replace(/^cannot open it: /, '')
  return new Problem(problem.code, `cannot open image ${image.label}: ${reason}`, {
    cause: error,
    ...withValue({ remedy: problem.remedy }),
  })
}

function imageGone(image: Image, cause?: unknown): Problem {
  return new Problem('gone', `cannot open image ${image.label}: its guest has ended or closed it`, { cause })
}

/** Bytes, as large as it is now, in whole pages: block devices do not change. Source: fstat(2). */
export function endOfImage(open: OpenImage): number {
  const size = open.image.format === 'block-device' ? open.image.sizeBytes : fstatSync(open.fd).size
  return Math.ceil(size / pageSize) * pageSize
}

const windowBytes = windowPages * pageSize
/** 64 GiB: of so much no count is asked before its windows are listed, which costs as much as the count. */
const uncountedBytes = 1024 * windowBytes
/** 256 GiB, half a second of looking for each 64 GiB. */
const maxWalkedWindows = 4096

/**
 * The image in windows of whole pages, in order. Of images larger than 64 GiB those parts are left out of which the
 * kernel counts nothing as cached: a file may say that it has 8 EiB. Where the kernel does not count, the first 256 GiB are
 * listed, and `explainCut` tells of the rest. Source: cachestat(2).
 */
export function listWindows(open: OpenImage): Generator<ByteRange, void, undefined> {
  return windowsWithin(open, { start: 0, length: endOfImage(open) })
}

function* windowsWithin(open: OpenImage, range: ByteRange): Generator<ByteRange, void, undefined> {
  const isWhole = range.start === 0 && range.length <= uncountedBytes
  const counts = isWhole ? undefined : open.counts.countPages(range)
  if (counts?.cachedPages === 0 || open.windowsLeft < 0) return
  if (range.length <= uncountedBytes) {
    yield* walk(open, range, counts !== undefined)
    return
  }
  // Halves of whole chunks, so that no window is torn.
  const half = Math.ceil(range.length / uncountedBytes / 2) * uncountedBytes
  yield* windowsWithin(open, { start: range.start, length: half })
  yield* windowsWithin(open, { start: range.start + half, length: range.length - half })
}

function* walk(open: OpenImage, { start, length }: ByteRange, isCounted: boolean) {
  for (let at = 0; at < length; at += windowBytes) {
    if (!isCounted) open.windowsLeft -= 1
    if (open.windowsLeft < 0) return
    yield { start: start + at, length: Math.min(windowBytes, length - at) }
  }
}

/** What of the image was not looked at; undefined: all was. Needs no privilege. */
export function explainCut(open: OpenImage): ProblemData | undefined {
  if (open.windowsLeft >= 0) return undefined
  const size = formatBytes(endOfImage(open))
  const text = `the kernel does not count its cached pages, and only the first ${formatBytes(maxWalkedWindows * windowBytes)} of its ${size} are looked at`
  return new Problem('not-supported', `cannot look at all of image ${open.image.label}: ${text}`).toData()
}
