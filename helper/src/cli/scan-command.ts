// What the commands that scan have in common.

import type { Progress } from '../../../src/shared/contract/quantity.ts'
import { terminalJson } from '../../../src/shared/text/terminal.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import { ReadingThread } from '../identical-pages/scan/reading-thread.ts'
import type { Remembered } from '../identical-pages/scan/scan.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { atPriorityOf } from '../pacing/idle-priority.ts'
import type { ScanOptions } from '../pacing/scan-options.ts'
import type { CommandIo } from './command-io.ts'
import type { ScanCommand } from './parse-command.ts'
import { ProgressLine } from './progress-line.ts'

/** Throws `bad-input` for a policy file that is none. */
export async function readExclusions({ policyPath }: ScanCommand): Promise<Pick<ScanOptions, 'exclusions'>> {
  if (policyPath === undefined) return {}
  const { readPolicy } = await import('../govern/policy-in-force.ts')
  const { ksm, scrub } = readPolicy(policyPath)
  return { exclusions: { guests: ksm.exclude, images: scrub.guards.exclude } }
}

/**
 * Runs a scan at the priority and with the threads that the command asks for, and shows its progress on a terminal.
 */
export async function withProgress<T>(
  command: ScanCommand,
  io: CommandIo,
  run: (options: ScanOptions, remembered: Remembered) => Promise<T>,
): Promise<T> {
  const line = new ProgressLine(io)
  const { presentBy, cpuRatio } = command
  const thread = command.threads === 2 ? new ReadingThread() : undefined
  try {
    const options = {
      root: liveKernel,
      signal: io.signal,
      reportProgress: (progress: Progress) => line.show(progress),
      ...withValue({ presentBy, cpuRatio }),
    }
    return await atPriorityOf(cpuRatio, () => run(options, withValue({ thread })))
  } finally {
    await thread?.end()
    line.clear()
  }
}

/** Prints a result as JSON or as text, as the command asks. */
export function print<T>(
  result: T,
  format: (result: T) => string,
  command: ScanCommand,
  io: CommandIo,
): void {
  io.out(command.json ? `${terminalJson(result)}\n` : format(result))
}
