// Benchmark 1 as a part of the report.
import { upBenchLab } from './bench-lab.ts'
import type { BenchOptions, Measured, Section } from './section.ts'
import {
  measureRepeat,
  measureSnapshot,
  measureThreads,
  type RepeatFigures,
  type SnapshotFigures,
  type ThreadFigures,
} from './snapshot.ts'

/** Two cores of a virtual machine differ from each other by the second. */
const THREAD_ROUNDS = 4

export const snapshotSection: Section = { name: 'snapshot', title: '1. Snapshot', measure }

async function measure({ rounds, say }: BenchOptions): Promise<Measured> {
  const lab = await upBenchLab({ hosts: [{ guests: 2 }] }, say)
  let figures: SnapshotFigures
  try {
    figures = await measureSnapshot(lab, rounds)
  } finally {
    await lab.down()
  }
  // So much of what these guests hold is the same in all that KSM can merge nine pages of ten.
  const guests = Array.from({ length: 4 }, () => ({ ramMiB: 512 }))
  const clones = await upBenchLab({ hosts: [{ guests }], commonMiB: 400, ownMiB: 4 }, say)
  try {
    const threads = await measureThreads(clones, THREAD_ROUNDS * rounds)
    const repeat = await measureRepeat(clones, rounds, 60_000)
    return {
      text: formatSnapshot(figures, threads, repeat),
      raw: { ...figures.raw, ...threads.raw, ...repeat.raw },
    }
  } finally {
    await clones.down()
  }
}

export function formatSnapshot(
  figures: SnapshotFigures,
  threads: ThreadFigures,
  repeat: RepeatFigures,
): string {
  const rounds = figures.raw.first.rounds.length
  return `
\`test/bench/engine --json\` in a lab host with ${figures.guests} guests, ${figures.ramGiB.toFixed(2)} GiB
present, KSM at rest. *Copy only* reads the same present pages by process_vm_readv(2) and looks at none; rounds alternate
between copy and scan, medians of ${rounds} after the code is compiled, per CPU second of the helper, one worker. The
repeat is of ${repeat.raw.merged.guests} other guests, ${percent(1 - repeat.hashedRatio)} of whose pages are merged (frames
flagged so; KSM's own count: ${percent(repeat.mergedRatio)}), by a helper that has taken a snapshot of them before, against
a snapshot before KSM merged them. Threads are measured on these guests before that, ${threads.ramGiB.toFixed(2)} GiB present: a
round is one scan by one thread and one by two, and the median of the ratios of ${threads.raw.threads.rounds.length} rounds counts.

${listGoals(figures, threads, repeat)}
${listParts(figures, repeat)}
${explainGoals(figures, repeat)}`
}

function listGoals(figures: SnapshotFigures, threads: ThreadFigures, repeat: RepeatFigures): string {
  return `| figure | measured | goal |
|---|---|---|
| copy only | ${figures.copyGBps.toFixed(2)} GB/s | |
| snapshot: copy, hash, sort | ${figures.scanGBps.toFixed(2)} GB/s | |
| snapshot, of copy only | ${percent(figures.scanToCopy)} | at least 45 % |
| classifying resident image pages, those of images not read before, of copy only | ${percent(figures.imagesToCopy)} | at least 60 % |
| the same of images that nothing has written to since | ${percent(figures.knownToCopy)} | at least 60 % |
| read(2) of a cached file and nothing else, of copy only | ${percent(figures.cachedReadToCopy)} | |
| two threads, by the clock, of one | ${threads.twoThreads.toFixed(2)}x | 1.7x |
| two helpers at once, each with all of the work, of one | ${threads.twoHelpers.toFixed(2)}x | |
| repeat when merged, cost against the first | ${percent(repeat.repeatToFirst)} | at most 15 % |
| pages read in that repeat | ${percent(repeat.hashedRatio)} | |
| memory of a helper that has assessed once, at its peak | ${figures.peakMiB.toFixed(1)} MiB | at most ${figures.boundMiB.toFixed(1)} MiB |
`
}

function listParts({ profile }: SnapshotFigures, repeat: RepeatFigures): string {
  return `Where a snapshot's time goes, CPU time for each page of 4 KiB:

| part | ns | |
|---|---|---|
| copy | ${ns(profile.copy)} | process_vm_readv(2), alone |
| hash | ${ns(profile.hash)} | 128-bit WebAssembly, of a chunk in the cache |
| record | ${ns(profile.append)} | 12 bytes appended |
| sort | ${ns(profile.sort)} | by radix, in place, and the index |
| snapshot | ${ns(profile.scan)} | all of these, as measured together |
| summary | ${ns(profile.summary)} | figures of guests and pairs |
| image page | ${ns(profile.images)} | mapped, mincore(2), copied, hashed, looked up |
| of that, residency | ${ns(profile.residency)} | mapped and mincore(2) |
| of that, copy | ${ns(profile.images - profile.residency - profile.hash)} | the rest: first touch through a new mapping, copy, look-up |
| merged guests, repeat | ${ns(repeat.repeatNs)} | page map, known frames; the pages that are not merged are read |
| of that, page map | ${ns(repeat.pageMapNs)} | PAGEMAP_SCAN and an entry for each page |
| of that, the rest | ${ns(repeat.repeatNs - repeat.pageMapNs)} | reading ${percent(repeat.hashedRatio)} of the pages; counting sites; merging known contents in |
| image page, known | ${ns(profile.knownImages)} | nothing has written to its file: mincore(2), looked up by the hash kept |
| cached file | ${ns(profile.cachedRead)} | read(2), 256 KiB at once, alone |
| the first snapshot of a process | ${ns(profile.firstScan)} | before its code is compiled |
| first touch, small pages | ${ns(profile.smallTouch)} | of new memory of the helper's own |
| first touch, huge pages | ${ns(profile.hugeTouch)} | the same, 2 MiB at once |
`
}

function explainGoals({ profile, raw }: SnapshotFigures, repeat: RepeatFigures): string {
  return `What keeps figures from their goals. *Image pages*: a page is read once; as long as nothing writes to its file its
hash stays known, and looking at it again costs less than copying it. Reading it goes through a new mapping. Where the
processor's nested paging is not at hand, as on a virtual machine under PVM, the hypervisor answers first touches of
such pages, each with the seven after it: a profile (\`perf record -g\`) shows that time in \`_copy_from_iter\` and
\`pvm_irq_enable\`, and hashing in place, without a copy, takes as long. Calls that read without a mapping (pread, splice,
process_vm_readv, MADV_POPULATE_READ before a touch) mark pages as used and so change what the kernel evicts next; a scan
must not. On this machine they would not do either: read(2) of a cached file, with hashing, is
${percent(profile.copy / (profile.cachedRead + profile.hash))} of copy only. Next: measure on a host with nested paging. First
touches of memory of the helper's own cost the same way, so records lie in huge pages.

*Repeat*: its floor is the reading of the pages that are not merged, by the goal's own terms one in ten: at the first
snapshot's price, and with the page map, that is ${percent(floorOf(repeat))} before anything is looked up. They cost more
than those of the first snapshot, which lie in huge pages and are copied 64 at a time: merging has split the huge pages,
what is left lies in between, and process_vm_readv(2) looks up and pins each run by itself (the profile's
\`follow_page_pte\`, \`process_vm_rw_core\`, \`__get_user_pages\`). The merged pages themselves cost little: a window of 16 MiB
whose page map has the digest it had is not gone through again, and known frames are merged in by records kept in order.
Next: soft-dirty bits, where the kernel has them, tell which of the other pages need no reading.

*Two threads*: windows are handed over in memory that both see; then records are parted by the top bit of their hash and
each thread sorts a part. The parting and the index stay with one thread. Two helpers that share no work and wait for
nothing tell what the two cores give at all. *Memory*:
${(raw.single.rssBeforeBytes / 2 ** 20).toFixed(1)} MiB are resident before the first scan, most of it the program file, of
which a scan keeps what it needs;
the compiler of hot code takes some MiB while it works. Assess holds 12 bytes for each page of the guests, up to 96 GiB of
them, since what could be merged depends on all; a scrub looks up in the smaller side.
`
}

function floorOf({ hashedRatio, pageMapNs, repeatNs, repeatToFirst }: RepeatFigures): number {
  return hashedRatio + (pageMapNs * repeatToFirst) / repeatNs
}

function percent(ratio: number): string {
  return Number.isFinite(ratio) ? `${(ratio * 100).toFixed(1)} %` : 'not measured'
}

function ns(value: number): string {
  return Number.isFinite(value) ? value.toFixed(0) : 'not measured'
}
