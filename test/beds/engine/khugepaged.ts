// khugepaged makes huge pages of ranges with zero pages or merged pages in them, eight every ten seconds, also of guests
// that are stopped: zeros come back, merged pages are copied, and KSM's counters do not hear of it until ksmd comes by.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'
import { khugepagedKnob, readKhugepagedSleep } from '../lab/khugepaged-knob.ts'

const longMs = 600_000
/** A new setting wakes it for one more batch. */
const batchMs = 300

/** For a whole file or `describe` that compares figures of its guests; its setting is put back at the end. */
export function khugepagedSleeps(): void {
  let wake: (() => Promise<void>) | undefined
  beforeAll(async () => {
    wake = await stopKhugepaged()
  })
  afterAll(() => wake?.())
}

/** Answers with what puts the setting back. A process of its own does that, which also sees the end of a test that is killed. */
async function stopKhugepaged(): Promise<() => Promise<void>> {
  const found = readKhugepagedSleep()
  // Whoever has it sleep already wakes it.
  if (found === undefined || found >= longMs) return async () => undefined
  const script = `cat >/dev/null; echo ${found} >${khugepagedKnob}`
  const keeper = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] })
  const ended = once(keeper, 'exit')
  writeFileSync(khugepagedKnob, String(longMs))
  await sleep(batchMs)
  return async () => {
    keeper.stdin.end()
    await ended
  }
}
