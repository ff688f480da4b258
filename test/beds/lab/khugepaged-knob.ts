// How long khugepaged sleeps between two batches.
import { existsSync, readFileSync } from 'node:fs'

export const khugepagedKnob = '/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs'

/** Milliseconds; undefined where this kernel has no khugepaged. */
export function readKhugepagedSleep(): number | undefined {
  return existsSync(khugepagedKnob) ? Number(readFileSync(khugepagedKnob, 'utf8')) : undefined
}
