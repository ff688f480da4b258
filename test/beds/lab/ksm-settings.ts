// The KSM settings found before the lab ran, and their return.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const ROOT = '/sys/kernel/mm/ksm'

// In the order in which they can be written: the advisor refuses some while it runs, run comes last.
const KNOBS = [
  'advisor_max_cpu',
  'advisor_max_pages_to_scan',
  'advisor_min_pages_to_scan',
  'advisor_target_scan_time',
  'max_page_sharing',
  'merge_across_nodes',
  'pages_to_scan',
  'sleep_millisecs',
  'smart_scan',
  'stable_node_chains_prune_millisecs',
  'use_zero_pages',
  'advisor_mode',
  'run',
]

export type KsmSettings = Record<string, string>

/** Reads the writable settings; those this kernel lacks are absent. */
export function readKsmSettings(): KsmSettings {
  const settings: KsmSettings = {}
  for (const knob of KNOBS) {
    if (existsSync(`${ROOT}/${knob}`)) settings[knob] = readKnob(knob)
  }
  return settings
}

/** Takes back what was merged, so that there is something to merge again, and puts settings back. */
export function unmergeAll(settings: KsmSettings): void {
  writeFileSync(`${ROOT}/run`, '2')
  restoreKsmSettings(settings)
}

/** Puts settings back, writing only what differs; returns what was changed. */
export function restoreKsmSettings(settings: KsmSettings): string[] {
  const changed = KNOBS.filter((knob) => knob in settings && readKnob(knob) !== settings[knob])
  if (changed.length === 0) return []
  // pages_to_scan gives EINVAL while an advisor is on.
  if (existsSync(`${ROOT}/advisor_mode`)) writeFileSync(`${ROOT}/advisor_mode`, 'none')
  for (const knob of KNOBS) {
    const value = settings[knob]
    if (value !== undefined && readKnob(knob) !== value) writeFileSync(`${ROOT}/${knob}`, value)
  }
  return changed
}

// advisor_mode lists its choices with the present one in brackets.
function readKnob(knob: string): string {
  const text = readFileSync(`${ROOT}/${knob}`, 'utf8').trim()
  return /\[(.+)\]/.exec(text)?.[1] ?? text
}
