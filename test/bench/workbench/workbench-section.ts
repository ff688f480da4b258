// The workbench with many hosts as a part of the report.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureRenderer } from '../../../scripts/built-parts.mjs'
import { noChromium } from '../../e2e/chromium.ts'
import {
  type ReplayedFleet,
  serveReplayedFleet,
  writeReplayedHosts,
} from '../../replay/hosts/replayed-fleet.ts'
import type { BenchOptions, Measured, Section } from '../section.ts'
import { measureMainCpu, measureMainMemory } from './main-figures.ts'
import { rewriteLastMinutes, writeMonths } from './months.ts'
import { measurePage } from './page-figures.ts'
import { formatWorkbench } from './workbench-report.ts'
import { keptResults, type MeasuredSize, partsOf, sizes, type WorkbenchResults } from './workbench-results.ts'

export const workbenchSection: Section = { name: 'workbench', title: '8. Workbench', measure }

const guests = 4
/** So many have a month of history, whatever the number of hosts. */
const hostsWithHistory = 100
const crowded = { index: 1, guests: 60 }
const memoryMinutes = 10
const root = join(import.meta.dirname, '../../..')

/** `only`: 100, 500, memory. Parts that are left out stay as the report has them. */
async function measure(options: BenchOptions): Promise<Measured> {
  const { rounds, say, earlier, keep } = options
  const parts = partsOf(options)
  if (noChromium) throw new Error(`cannot measure the workbench: ${noChromium}`)
  // The pages that are measured, by today's sources.
  await ensureRenderer(root, process.execPath, process.env)
  const folder = mkdtempSync(join(tmpdir(), 'singleton-bench-'))
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  // An interrupted run leaves no gigabytes behind either.
  process.once('exit', removeFolder)
  try {
    say(`writing a month of history of ${hostsWithHistory} hosts`)
    const bytes = writeMonths(folder, { hosts: hostsWithHistory, guests })
    let results: WorkbenchResults = {
      ...keptResults(earlier),
      historyBytesPerHost: bytes / hostsWithHistory,
    }
    const add = (found: Partial<WorkbenchResults>) => {
      results = { ...results, ...found }
      keep?.({ text: formatWorkbench(results), raw: results })
    }
    for (const size of sizes) {
      if (!parts.includes(size)) continue
      const measured = await withFleet(folder, Number(size), say, (fleet) =>
        measureSize({ fleet, folder, rounds, hosts: Number(size), say }),
      )
      add({ sizes: { ...results.sizes, [size]: measured } })
    }
    if (parts.includes('memory')) {
      const trend = await withFleet(folder, hostsWithHistory, say, (fleet) => {
        say(`watching the memory of main for ${memoryMinutes} minutes`)
        return measureMainMemory(fleet, memoryMinutes)
      })
      add({ memory: { minutes: memoryMinutes, ...trend } })
    }
    return { text: formatWorkbench(results), raw: results }
  } finally {
    removeFolder()
    process.off('exit', removeFolder)
  }
}

async function withFleet<T>(
  folder: string,
  hosts: number,
  say: BenchOptions['say'],
  work: (fleet: ReplayedFleet) => Promise<T>,
): Promise<T> {
  say(`${hosts} hosts: starting`)
  writeReplayedHosts(folder, { hosts, guests, crowded })
  rewriteLastMinutes(folder, crowded)
  const fleet = await serveReplayedFleet(folder, guests)
  try {
    return await work(fleet)
  } finally {
    await fleet.stop()
  }
}

interface SizeBench {
  readonly fleet: ReplayedFleet
  readonly folder: string
  readonly rounds: number
  readonly hosts: number
  readonly say: BenchOptions['say']
}

async function measureSize({ fleet, folder, rounds, hosts, say }: SizeBench): Promise<MeasuredSize> {
  say(`${hosts} hosts: looking at pages`)
  const shown = await measurePage({ fleet, folder, rounds, hosts, crowded: crowded.index })
  say(`${hosts} hosts: watching the CPU of main for a minute`)
  return { ...shown, mainCpuRatio: await measureMainCpu(fleet) }
}
