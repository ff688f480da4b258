// Reads settings and counters of KSM. Source: /sys/kernel/mm/ksm (Documentation/admin-guide/mm/ksm.rst).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type KsmCounters,
  type KsmSettings,
  ksmCounters,
  ksmSettings,
} from '../../../src/shared/contract/ksm.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { KernelRoot } from './kernel-root.ts'
import { knobFiles, knobOrder, ksmFolder, parseKnob } from './knobs.ts'
import { readKsmdCpuSeconds } from './ksmd.ts'
import { mayWrite } from './may-access.ts'
import { readIfThere } from './read-if-there.ts'

const counterFiles: Readonly<Record<Exclude<keyof KsmCounters, 'ksmdCpuSeconds'>, string>> = {
  pagesShared: 'pages_shared',
  pagesSharing: 'pages_sharing',
  pagesUnshared: 'pages_unshared',
  pagesVolatile: 'pages_volatile',
  fullScans: 'full_scans',
  pagesScanned: 'pages_scanned',
  pagesSkipped: 'pages_skipped',
  ksmZeroPages: 'ksm_zero_pages',
  generalProfitBytes: 'general_profit',
}

export interface KsmSupport {
  readonly ksm: boolean
  readonly ksmWritable: boolean
  /** From Linux 6.8 on. */
  readonly ksmAdvisor: boolean
  /** From Linux 6.7 on. */
  readonly ksmSmartScan: boolean
}

/** What this kernel's KSM has and whether we may set it, found by trying; changes nothing. */
export function probeKsm(root: KernelRoot): KsmSupport {
  const folder = ksmFolder(root)
  return {
    ksm: existsSync(folder),
    ksmWritable: mayWrite(join(folder, knobFiles.run)),
    ksmAdvisor: existsSync(join(folder, knobFiles.advisorMode)),
    ksmSmartScan: existsSync(join(folder, knobFiles.smartScan)),
  }
}

/** Settings that this kernel lacks are absent. Throws `not-supported` where there is no KSM at all. */
export async function readKsmSettings(root: KernelRoot): Promise<KsmSettings> {
  const found: Record<string, unknown> = {}
  for (const setting of knobOrder) {
    const text = await readKsmFile(root, knobFiles[setting])
    if (text !== undefined) found[setting] = parseKnob(setting, text)
  }
  return parseAs(ksmSettings, found, root)
}

/** Counters that this kernel lacks are absent, as is ksmd's CPU time where /proc does not show ksmd. */
export async function readKsmCounters(root: KernelRoot): Promise<KsmCounters> {
  const found: Record<string, unknown> = {}
  for (const [counter, file] of Object.entries(counterFiles)) {
    const text = await readKsmFile(root, file)
    if (text !== undefined) found[counter] = parseCounter(text)
  }
  const ksmdCpuSeconds = await readKsmdCpuSeconds(root)
  if (ksmdCpuSeconds !== undefined) found.ksmdCpuSeconds = ksmdCpuSeconds
  return parseAs(ksmCounters, found, root)
}

/** What a burst is judged by. */
export type ScanCounters = Pick<
  KsmCounters,
  | 'fullScans'
  | 'pagesShared'
  | 'pagesSharing'
  | 'pagesUnshared'
  | 'pagesVolatile'
  | 'ksmZeroPages'
  | 'ksmdCpuSeconds'
>

const scanCounterNames = [
  'fullScans',
  'pagesShared',
  'pagesSharing',
  'pagesUnshared',
  'pagesVolatile',
  'ksmZeroPages',
] as const

/** Seven small files: a burst is looked at many times a second. Absent and unreadable as `readKsmCounters` has them. */
export async function readScanCounters(root: KernelRoot): Promise<ScanCounters> {
  const [texts, ksmdCpuSeconds] = await Promise.all([
    Promise.all(scanCounterNames.map((counter) => readKsmFile(root, counterFiles[counter]))),
    readKsmdCpuSeconds(root),
  ])
  const found: Record<string, unknown> = withValue({ ksmdCpuSeconds })
  for (const [index, text] of texts.entries())
    if (text !== undefined) found[scanCounterNames[index] as string] = parseCounter(text)
  return parseAs(scanCounters, found, root)
}

const scanCounters = z.lazy(() =>
  ksmCounters.unwrap().pick({
    fullScans: true,
    pagesShared: true,
    pagesSharing: true,
    pagesUnshared: true,
    pagesVolatile: true,
    ksmZeroPages: true,
    ksmdCpuSeconds: true,
  }),
)

/** `full_scans` alone. */
export async function readFullScans(root: KernelRoot): Promise<number | undefined> {
  return optionalCounter(await readKsmFile(root, counterFiles.fullScans))
}

/**
 * Names ksmd's pass: differs once ksmd has finished another one. Absent: this kernel has no KSM.
 * Source: /sys/kernel/mm/ksm/full_scans.
 */
export async function readKsmdPass(root: KernelRoot): Promise<string | undefined> {
  return (await readKsmFile(root, counterFiles.fullScans))?.trim()
}

/** Whether ksmd merges pages now. False also where this kernel has no KSM. Source: /sys/kernel/mm/ksm/run. */
export async function isKsmdScanning(root: KernelRoot): Promise<boolean> {
  return (await readKsmFile(root, knobFiles.run))?.trim() === '1'
}

/** Pages that ksmd has looked at since boot. Absent before Linux 6.6. */
export async function readPagesScanned(root: KernelRoot): Promise<number | undefined> {
  return optionalCounter(await readKsmFile(root, counterFiles.pagesScanned))
}

/**
 * Copies that the kernel keeps of contents that are found more often than `max_page_sharing` allows, and that limit.
 * Absent: not reported by this kernel.
 */
export async function readSharingCopies(
  root: KernelRoot,
): Promise<{ readonly copies?: number; readonly maxPageSharing?: number }> {
  const copies = optionalCounter(await readKsmFile(root, 'stable_node_dups'))
  return withValue({
    copies,
    maxPageSharing: optionalCounter(await readKsmFile(root, knobFiles.maxPageSharing)),
  })
}

function optionalCounter(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseCounter(text)
}

/** Not a number for a text that is none: the schema refuses it. */
function parseCounter(text: string): number {
  return Number(text.trim() || Number.NaN)
}

/** What merging saves now: each further site of a shared page, and each page replaced by the zero page. */
export function mergedPages(counters: KsmCounters): number {
  return counters.pagesSharing + (counters.ksmZeroPages ?? 0)
}

function readKsmFile(root: KernelRoot, file: string): Promise<string | undefined> {
  return readIfThere(join(ksmFolder(root), file))
}

function parseAs<T>(schema: z.ZodType<T>, found: Readonly<Record<string, unknown>>, root: KernelRoot): T {
  const folder = ksmFolder(root)
  if (found.run === undefined && found.pagesSharing === undefined) {
    throw new Problem('not-supported', `cannot read ${folder}: this kernel has no KSM`, {
      remedy: 'Use a kernel built with CONFIG_KSM.',
    })
  }
  const parsed = schema.safeParse(found)
  if (parsed.success) return parsed.data
  throw new Problem('not-supported', `cannot understand ${folder}: ${z.prettifyError(parsed.error)}`)
}
