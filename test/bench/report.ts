// docs/benchmarks.md: machine, commands, figures against their goals, raw results.
import type { Machine } from './machine.ts'
import type { SnapshotFigures } from './snapshot.ts'

export interface BenchResults {
  readonly machine: Machine
  readonly snapshot: SnapshotFigures
}

export function formatReport({ machine, snapshot }: BenchResults): string {
  return `# Benchmarks

Written by \`npm run bench\`, on ${machine.at}. Ratios in one run are what counts: absolute figures are this machine's.

- Processor: ${machine.processor}, ${machine.cores} cores; ${machine.memoryGiB} GiB; Linux ${machine.kernel}
- Transparent huge pages: ${machine.hugePages}
- Guests: lab guests (QEMU, tcg) that have read their files; see \`test/lab/README.md\`
${formatSnapshot(snapshot)}
## Raw results

<details><summary>JSON</summary>

\`\`\`json
${JSON.stringify(snapshot.raw)}
\`\`\`

</details>
`
}

function formatSnapshot(figures: SnapshotFigures): string {
  const rounds = figures.raw.first.rounds.length
  return `
## 1. Snapshot

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
