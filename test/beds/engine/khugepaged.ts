// khugepaged makes huge pages of ranges with zero pages or merged pages in them, eight every ten seconds, also of guests
// that are stopped: zeros come back, merged pages are copied, and KSM's counters do not hear of it until ksmd comes by.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'

const knob = '/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs'
const longMs = 600_000
/** A new setting wakes it for one more batch. */
const batchMs = 300

/** For a whole file or `describe` that compares figures of its guests; its setting is put back at the end. */
export function khugepagedSleeps(): void {
  let found: string | undefined
  beforeAll(async () => {
    found = await stopKhugepaged()
  })
  afterAll(() => {
    if (found !== undefined) writeFileSync(knob, found)
  })
}

/** Runs `work` while khugepaged sleeps, so that two looks find the same zero pages; its setting is put back. */
export async function whileKhugepagedSleeps<T>(work: () => Promise<T>): Promise<T> {
  const found = await stopKhugepaged()
  try {
    return await work()
  } finally {
    if (found !== undefined) writeFileSync(knob, found)
  }
}

/** The setting that was found; undefined where it sleeps already, or where there is none. */
async function stopKhugepaged(): Promise<string | undefined> {
  if (!existsSync(knob)) return undefined
  const found = readFileSync(knob, 'utf8')
  if (Number(found) >= longMs) return undefined
  writeFileSync(knob, String(longMs))
  await sleep(batchMs)
  return found
}
