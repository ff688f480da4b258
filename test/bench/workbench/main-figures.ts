// What the workbench's main costs while nobody looks: CPU and memory.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReplayedFleet } from '../../replay/hosts/replayed-fleet.ts'
import { type MemorySample, type MemoryTrend, measureTrend } from '../../soak/memory-trend.ts'

const settlesMs = 5000
/** A minute holds one roll-up of history. */
const minuteMs = 60_000
const lookEveryMs = 2000

/** Of one core, over a minute: with its history worker. */
export async function measureMainCpu(fleet: ReplayedFleet): Promise<number> {
  await sleep(settlesMs)
  const before = await fleet.spent()
  const startedAt = performance.now()
  await sleep(minuteMs)
  const after = await fleet.spent()
  return (after.cpuSeconds - before.cpuSeconds) / ((performance.now() - startedAt) / 1000)
}

/** Over so many minutes, of which the first fifth is left out. */
export async function measureMainMemory(fleet: ReplayedFleet, minutes: number): Promise<MemoryTrend> {
  const samples: MemorySample[] = []
  const startedAt = performance.now()
  const passedMs = () => performance.now() - startedAt
  while (passedMs() < minutes * minuteMs) {
    await sleep(lookEveryMs)
    samples.push({ seconds: passedMs() / 1000, bytes: (await fleet.spent()).rssBytes })
  }
  return measureTrend(samples)
}
