// Benchmark 1 as a part of the report.
import { upBenchLab } from './bench-lab.ts'
import type { BenchOptions, Measured, Section } from './section.ts'
import { measureSnapshot, type SnapshotFigures } from './snapshot.ts'

export const snapshotSection: Section = { name: 'snapshot', title: '1. Snapshot', measure }

async function measure({ rounds, say }: BenchOptions): Promise<Measured> {
  const lab = await upBenchLab({ hosts: [{ guests: 2 }] }, say)
  try {
    const figures = await measureSnapshot(lab, { rounds, mergeTimeoutMs: 30_000 })
    return { text: formatSnapshot(figures), raw: figures.raw }
  } finally {
    await lab.down()
  }
}

export function formatSnapshot(figures: SnapshotFigures): string {
  const rounds = figures.raw.first.rounds.length
  return `
\`singleton-helper bench-snapshot --json --rounds ${rounds}\` in a lab host with ${figures.guests} guests,
${figures.ramGiB.toFixed(2)} GiB present. *Copy only* reads the same present pages by process_vm_readv(2) and looks at
none; rounds alternate between copy and scan, medians of ${rounds}, per CPU second of the helper, one worker.

| figure | measured | goal |
|---|---|---|
| copy only | ${figures.copyGBps.toFixed(2)} GB/s | |
| snapshot: copy, hash, groups | ${figures.scanGBps.toFixed(2)} GB/s | |
| snapshot, of copy only | ${percent(figures.scanToCopy)} | at least 45 % |
| classifying resident image pages, of copy only | ${percent(figures.imagesToCopy)} | at least 60 % |
| repeat when merged, cost against the first | ${percent(figures.repeatToFirst)} | at most 15 % |
| pages read in that repeat | ${percent(figures.repeatHashedRatio)} | |
| memory of the helper for 1 GiB of guests | ${figures.memoryMiBPerGiB.toFixed(1)} MiB | |
`
}

function percent(ratio: number): string {
  return Number.isFinite(ratio) ? `${(ratio * 100).toFixed(1)} %` : 'not measured'
}
