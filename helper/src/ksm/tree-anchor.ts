// A page of our own that becomes the root of ksmd's unstable tree in each pass, so that no page can block that tree.
//
// In a pass, ksmd puts each page that it does not find in the stable tree into the unstable tree, and a search ends at
// a node whose page has gone (unstable_tree_search_insert, mm/ksm.c). A page of zeros in a huge page goes while ksmd
// looks at it: merging splits the huge page, and splitting maps the kernel's zero page there (Linux >= 6.12). Where such
// a page is the first in the tree, no page is compared for the rest of the pass; where it is the second, all pages with
// a lower content are not. Our page lies between zeros and all else: the node that has gone then hangs to its left,
// where only zeros look for their like, and those are merged with the zero page without a look into this tree.
import { setTimeout as sleep } from 'node:timers/promises'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readFullScans, readPagesScanned } from '../kernel/read-ksm.ts'
import { writeKsmSetting } from './write-ksm.ts'

/**
 * The last 8 bytes of the page; those before are 0. Each process takes another: two of the same would be merged, and
 * would no longer be nodes of the unstable tree. The page's checksum (the lower half of xxHash64 with seed 0) is 0, as is
 * what ksmd remembers of a page that it has not seen: so it enters the tree in the first pass that comes by, and not
 * only in the second, like the pages that it is to stand before.
 */
const anchorWords = [
  0x3_71ea_8858n,
  0x4_4722_bd05n,
  0x5_4dfd_e078n,
  0x6_5419_2e8cn,
  0x8_b568_4ff4n,
  0x9_090e_1fe1n,
  0x9_4889_cbd0n,
  0x9_9894_9d1cn,
] as const

/** The last word of the anchor of the process `pid`. */
export function anchorWordOf(pid: number): bigint {
  return anchorWords[pid % anchorWords.length] as bigint
}

const lookMillis = 2
/** ksmd sleeps 10 ms between two looks in a burst; more than this means that it was stopped. */
const patienceMillis = 2_000

/** Offers a page with `anchorWordOf` this process at its end to KSM, in this process, which has offered nothing before. */
export type OfferAnchor = () => void

export class TreeAnchor {
  readonly #offer: OfferAnchor
  #isPlaced = false

  constructor(offer: OfferAnchor) {
    this.#offer = offer
  }

  /** It stays where it is as long as this process lives: nothing to do for further bursts. */
  get isPlaced(): boolean {
    return this.#isPlaced
  }

  /**
   * Places it, to be called while ksmd stands at the beginning of a pass: it looks at one page, which makes the first
   * process of its list the present one, and a process that comes new is put in front of that. Then goes on with
   * `pagesToScan`. Needs root, the lock of the host and ksmd scanning. Does nothing before Linux 6.6, which does not count
   * the pages scanned and does not free zeros by splitting either.
   */
  async place(root: KernelRoot, pagesToScan: number): Promise<void> {
    const before = await readPagesScanned(root)
    if (before === undefined || this.#isPlaced) return
    await writeKsmSetting(root, 'pagesToScan', '1')
    try {
      const deadline = performance.now() + patienceMillis
      while ((await readPagesScanned(root)) === before) {
        if (performance.now() > deadline) return
        await sleep(lookMillis)
      }
      this.#offer()
      this.#isPlaced = true
    } finally {
      await writeKsmSetting(root, 'pagesToScan', String(pagesToScan))
    }
  }

  /**
   * Resolves to true as soon as ksmd has ended the pass `pass`; to false when `signal` is aborted or it takes longer than
   * `withinMillis`. Needs no privilege. Source: /sys/kernel/mm/ksm/full_scans.
   */
  async passEnded(
    root: KernelRoot,
    pass: number,
    withinMillis: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    const deadline = performance.now() + withinMillis
    while (!signal.aborted && performance.now() < deadline) {
      if ((await readFullScans(root)) !== pass) return true
      await sleep(lookMillis)
    }
    return false
  }
}
