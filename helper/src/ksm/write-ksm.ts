// Writes settings of KSM, and says what it means when the kernel refuses one.
import type { KsmSettings } from '../../../src/shared/contract/ksm.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { type KsmSetting, knobPath, planWrites, writeKnob } from '../kernel/knobs.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'

/**
 * Needs root. Throws `busy` where pages are shared (EBUSY), else `not-permitted` or `system`: an advisor owns the knob, or the
 * value is out of range (EINVAL).
 */
export async function writeKsmSetting(root: KernelRoot, setting: KsmSetting, value: string): Promise<void> {
  try {
    await writeKnob(root, setting, value)
  } catch (error) {
    const doing = `write ${value} to ${knobPath(root, setting)}`
    if (errnoOf(error) === 'EBUSY') throw sharedPages(doing, error)
    throw systemProblem(error, doing)
  }
}

/**
 * Writes what differs from `found`, `run` last. An advisor at work is switched off first: it refuses
 * `pages_to_scan`, and overwrites it whenever it is switched. Settings that stay busy are returned, not thrown; others
 * throw as `writeKsmSetting` does. A setting that is absent in either is left alone. Needs root.
 */
export async function writeKsmSettings(
  root: KernelRoot,
  found: KsmSettings,
  wanted: KsmSettings,
): Promise<Problem[]> {
  let present = found
  if (
    found.advisorMode !== undefined &&
    found.advisorMode !== 'none' &&
    planWrites(found, wanted).length > 0
  ) {
    await writeKsmSetting(root, 'advisorMode', 'none')
    // Unknown now: the kernel has reset it.
    present = { ...found, advisorMode: 'none', pagesToScan: -1 }
  }
  const refused: Problem[] = []
  for (const { setting, value } of planWrites(present, wanted)) {
    try {
      await writeKsmSetting(root, setting, value)
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'busy') throw error
      refused.push(error)
    }
  }
  return refused
}

function sharedPages(doing: string, cause: unknown): Problem {
  return new Problem('busy', `cannot ${doing}: pages are shared now`, {
    remedy: 'Unmerge first (ksm unmerge), then restore again.',
    cause,
  })
}
