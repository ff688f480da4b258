// The settings of /sys/kernel/mm/ksm (and one of khugepaged, which undoes merging) that a journal can put back, in the order in which the kernel takes them.
import { constants } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KsmSettings } from '../../../src/shared/contract/ksm.ts'
import type { KernelRoot } from './kernel-root.ts'

export type KsmSetting = keyof KsmSettings

/** Order of writing: an advisor at work refuses `pages_to_scan` and overwrites it when switched; `run` acts, so it is last. */
export const knobFiles = {
  advisorMaxCpu: 'advisor_max_cpu',
  advisorMaxPagesToScan: 'advisor_max_pages_to_scan',
  advisorMinPagesToScan: 'advisor_min_pages_to_scan',
  advisorTargetScanTime: 'advisor_target_scan_time',
  maxPageSharing: 'max_page_sharing',
  mergeAcrossNodes: 'merge_across_nodes',
  useZeroPages: 'use_zero_pages',
  smartScan: 'smart_scan',
  khugepagedMaxPtesShared: '../transparent_hugepage/khugepaged/max_ptes_shared',
  sleepMillisecs: 'sleep_millisecs',
  pagesToScan: 'pages_to_scan',
  advisorMode: 'advisor_mode',
  run: 'run',
} as const satisfies Record<KsmSetting, string>

export const knobOrder = Object.keys(knobFiles) as readonly KsmSetting[]

/** The folder of KSM's settings and counters; absent where the kernel has no KSM. */
export function ksmFolder(root: KernelRoot): string {
  return join(root.sys, 'kernel/mm/ksm')
}

/** The file of one setting. Writing it needs root. */
export function knobPath(root: KernelRoot, setting: KsmSetting): string {
  return join(ksmFolder(root), knobFiles[setting])
}

/**
 * Needs root. Throws errors of node:fs: ENOENT where this kernel lacks the setting, EINVAL where an advisor owns it or
 * the value is out of range, EBUSY where pages are shared.
 */
export function writeKnob(root: KernelRoot, setting: KsmSetting, value: string): Promise<void> {
  // A setting that this kernel lacks is an error, not a new file.
  return writeFile(knobPath(root, setting), value, { flag: constants.O_WRONLY | constants.O_TRUNC })
}

/** `advisor_mode` lists its choices with the present one in brackets; all others hold one number. */
export function parseKnob(setting: KsmSetting, text: string): string | number {
  const trimmed = text.trim()
  if (setting !== 'advisorMode') return /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed
  return /\[([^\]]+)\]/.exec(trimmed)?.[1] ?? trimmed
}

/** The settings of `wanted` that differ from `found`, in the order of writing. */
export function planWrites(
  found: KsmSettings,
  wanted: KsmSettings,
): { setting: KsmSetting; value: string }[] {
  const differing = knobOrder.filter((setting) => {
    if (wanted[setting] === undefined || found[setting] === undefined) return false
    return found[setting] !== wanted[setting]
  })
  return differing.map((setting) => ({ setting, value: String(wanted[setting]) }))
}

/** "run 0, pagesToScan 100": only what differs from `other`, for the audit. */
export function describeSettings(settings: KsmSettings, other: KsmSettings): string {
  const differing = knobOrder.filter((setting) => settings[setting] !== other[setting])
  return differing.map((setting) => `${setting} ${settings[setting] ?? 'absent'}`).join(', ')
}
