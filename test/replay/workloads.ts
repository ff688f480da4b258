// The consolidation suite's workloads (a) to (f) for the page-cache model, 1/16 the size of the lab's; (g) is the
// reader of a file that fits, which a careless policy would harm; (h) is (b) with sizes, rates and storage drawn by
// the seed.

import { createRandom, type Random } from '../../src/shared/statistics/random.ts'
import type { ModelLayout } from './page-cache-model.ts'
import { createZipf } from './zipf.ts'

/** The next page a guest asks for (of its image), its one's complement for a write, undefined when it is idle. */
export type NextAccess = (second: number) => number | undefined

export interface Load {
  readonly guest: number
  readonly image: number
  readonly next: NextAccess
  /** Accesses per second at most. */
  readonly rate: number
}

export interface Workload {
  readonly name: string
  readonly title: string
  readonly layout: ModelLayout
  readonly loads: readonly Load[]
  /** Random reads per second that storage serves; a page of a sequential run costs `runPrice` of one. */
  readonly storageReadsPerSecond: number
  /** Default 1/32, as by a readahead of 128 KiB. */
  readonly runPrice?: number
  /**
   * The kernel reads ahead by as much at most: each miss is one read, of a window that doubles while misses follow
   * what is cached. Absent: single pages are read, those of a run at `runPrice`.
   */
  readonly readAheadPages?: number
  /** Accesses come as recorded: past the guests' caches, and as many as there were, whatever they cost. */
  readonly recorded: boolean
  readonly seconds: number
}

const regionPages = 64
const limitPages = 10_240
const readerImage = { path: '/images/reader.img', pages: 16_384 }
const streamImage = { path: '/images/stream.img', pages: 17_600 }
const reader = { name: 'reader', cachePages: 3_200, images: [0] }
const unlimited = Number.POSITIVE_INFINITY

export const workloadNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] as const
export type WorkloadName = (typeof workloadNames)[number]

export function createWorkload(name: WorkloadName, seed = 1): Workload {
  return builders[name](createRandom(seed))
}

const builders: Record<WorkloadName, (random: Random) => Workload> = {
  a: (random) => ({
    ...common('a', 'zipf reader alone'),
    layout: layoutOf([readerImage], [reader]),
    loads: [zipfReads(0, 0, readerImage.pages, random)],
  }),
  b: (random) => ({
    ...common('b', 'zipf reader beside a streaming guest'),
    layout: layoutOf(
      [readerImage, streamImage],
      [reader, { name: 'stream', cachePages: 2_000, images: [1] }],
    ),
    loads: [zipfReads(0, 0, readerImage.pages, random), loopReads(1, 1, streamImage.pages, 1_760)],
  }),
  c: (random) => clones('c', 'clones reading one base image', random, [0, 0, 0, 0]),
  d: (random) => clones('d', 'boot storm of clones', random, [0, 5, 10, 15, 20, 25, 120, 125]),
  e: (random) => ({
    ...common('e', 'writer with dirty pages'),
    layout: layoutOf([readerImage], [{ ...reader, name: 'writer' }]),
    loads: [mixedWrites(0, 0, readerImage.pages, random)],
  }),
  f: (random) => ({
    ...common('f', 'idle guests'),
    layout: layoutOf(
      [readerImage, streamImage],
      [reader, { name: 'second', cachePages: 2_000, images: [1] }],
    ),
    loads: [rareReads(0, 0, readerImage.pages, random), rareReads(1, 1, streamImage.pages, random)],
  }),
  g: (random) => ({
    ...common('g', 'zipf reader beside a loop over a file that fits'),
    layout: layoutOf(
      [readerImage, { path: '/images/loop.img', pages: 5_760 }],
      [reader, { name: 'loop', cachePages: 1_600, images: [1] }],
    ),
    loads: [zipfReads(0, 0, readerImage.pages, random), loopReads(1, 1, 5_760, 1_760)],
  }),
  h: drawnStream,
  i: (random) => ({
    ...common('i', 'database of equal pages beside an archive of small files: nothing to win'),
    ...likeKernel,
    layout: {
      ...layoutOf([databaseImage, treeImage], [{ ...reader, name: 'database' }, archiver]),
      ...{ limitPages: 7_500, activeList: true },
    },
    loads: [equalReads(0, 0, databaseImage.pages, random), archiveReads(1, 1, treeImage.pages, random)],
  }),
  j: (random) => ({
    ...common('j', 'archive of small files beside a backup of a whole image'),
    ...likeKernel,
    layout: {
      ...layoutOf([treeImage, backupImage], [{ ...archiver, images: [0] }, backup]),
      activeList: true,
    },
    loads: [archiveReads(0, 0, treeImage.pages, random), loopReads(1, 1, backupImage.pages, 1_760)],
  }),
}

/** Without readahead and active list the model ranks policies on small files otherwise than guests do. 8 MiB in its size. */
const likeKernel = { readAheadPages: 128 }
const databaseImage = { path: '/images/database.img', pages: 15_360 }
const treeImage = { path: '/images/tree.img', pages: 6_880 }
const backupImage = { path: '/images/backup.img', pages: 65_536 }
const archiver = { name: 'archive', cachePages: 5_000, images: [1] }
const backup = { name: 'backup', cachePages: 8_000, images: [1] }

function drawnStream(random: Random): Workload {
  const images = [
    { path: '/images/reader.img', pages: 2_000 + random.below(20_000) },
    { path: '/images/stream.img', pages: 3_000 + random.below(20_000) },
  ] as const
  const [readerPages, streamPages] = [images[0].pages, images[1].pages]
  const guests = [
    { name: 'reader', cachePages: 500 + random.below(4_000), images: [0] },
    { name: 'stream', cachePages: 200 + random.below(3_000), images: [1] },
  ]
  const storageReadsPerSecond = [94, 300, 1_000][random.below(3)] ?? 94
  return {
    ...common('h', 'zipf reader beside a stream, sizes and rates drawn by the seed'),
    storageReadsPerSecond,
    layout: layoutOf(images, guests),
    loads: [
      zipfReads(0, 0, readerPages, random, 0.4 + random.next() * 0.9),
      loopReads(1, 1, streamPages, 100 + random.below(2_000)),
    ],
  }
}

function common(name: string, title: string) {
  return { name, title, storageReadsPerSecond: 94, recorded: false, seconds: 400 }
}

function layoutOf(images: ModelLayout['images'], guests: ModelLayout['guests']): ModelLayout {
  return { images, guests, limitPages, regionPages }
}

function zipfReads(guest: number, image: number, pages: number, random: Random, theta = 0.9): Load {
  return { guest, image, next: createZipf(pages, theta, random), rate: unlimited }
}

/** Reads a file from start to end, over and over. */
function loopReads(guest: number, image: number, pages: number, rate: number): Load {
  let at = -1
  const next = () => {
    at = (at + 1) % pages
    return at
  }
  return { guest, image, next, rate }
}

/** Each page as often as any other. */
function equalReads(guest: number, image: number, pages: number, random: Random): Load {
  return { guest, image, next: () => random.below(pages), rate: unlimited }
}

/** Reads folders of 160 pages in files of 4, over and over: folders in an order of their own, as a hash gives it. */
function archiveReads(guest: number, image: number, pages: number, random: Random): Load {
  const folderPages = 160
  const folders = Array.from({ length: Math.floor(pages / folderPages) }, (_, at) => at * folderPages)
  for (let at = folders.length - 1; at > 0; at -= 1) {
    const other = random.below(at + 1)
    const swapped = folders[at] as number
    folders[at] = folders[other] as number
    folders[other] = swapped
  }
  const files = Array.from({ length: folderPages / 4 }, (_, at) => ((at * 7) % (folderPages / 4)) * 4)
  const order = folders.flatMap((from) =>
    files.flatMap((file) => [0, 1, 2, 3].map((page) => from + file + page)),
  )
  let at = -1
  const next = () => {
    at = (at + 1) % order.length
    return order[at]
  }
  return { guest, image, next, rate: unlimited }
}

/** Seven writes in ten, the rest reads, by the same zipf. */
function mixedWrites(guest: number, image: number, pages: number, random: Random): Load {
  const zipf = createZipf(pages, 0.9, random)
  const next = () => (random.below(10) < 7 ? ~zipf() : zipf())
  return { guest, image, next, rate: 400 }
}

function rareReads(guest: number, image: number, pages: number, random: Random): Load {
  return { guest, image, next: createZipf(pages, 0.9, random), rate: 2 }
}

/** Each clone boots (reads a fixed part of the base in bursts of 64 pages), then reads the base by zipf. */
function clones(name: string, title: string, random: Random, startSeconds: readonly number[]): Workload {
  const base = { path: '/images/base.img', pages: 12_288 }
  const guests = startSeconds.map((_, index) => ({
    name: `clone-${index + 1}`,
    cachePages: 1_600,
    images: [0],
  }))
  const boot = bootOrder(base.pages, 4_096, random)
  const loads = startSeconds.map((start, guest): Load => {
    const zipf = createZipf(base.pages, 0.9, random)
    let booted = 0
    const next = (second: number) => {
      if (second < start) return undefined
      if (booted >= boot.length) return zipf()
      booted += 1
      return boot[booted - 1]
    }
    return { guest, image: 0, next, rate: 500 }
  })
  return { ...common(name, title), layout: layoutOf([base], guests), loads }
}

function bootOrder(pages: number, readPages: number, random: Random): readonly number[] {
  const order: number[] = []
  while (order.length < readPages) {
    const from = random.below(Math.floor(pages / 64)) * 64
    for (let page = from; page < from + 64; page += 1) order.push(page)
  }
  return order
}
