// khugepaged makes huge pages of ranges with zero pages in them, eight every ten seconds, also of guests that are stopped.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const knob = '/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs'
const longMs = 600_000
/** A new setting wakes it for one more batch. */
const batchMs = 300

/** Runs `work` while khugepaged sleeps, so that two looks find the same zero pages; its setting is put back. */
export async function whileKhugepagedSleeps<T>(work: () => Promise<T>): Promise<T> {
  if (!existsSync(knob)) return await work()
  const found = readFileSync(knob, 'utf8')
  writeFileSync(knob, String(longMs))
  try {
    await sleep(batchMs)
    return await work()
  } finally {
    writeFileSync(knob, found)
  }
}
