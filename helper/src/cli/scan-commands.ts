// The commands probe, assess and scrub.
import type { Progress } from '../../../src/shared/contract/quantity.ts'
import { assess } from '../assess.ts'
import { findActor } from '../audit.ts'
import type { CommandIo } from '../command-io.ts'
import { readPolicy } from '../govern/policy-in-force.ts'
import { readHostFacts } from '../host-facts.ts'
import { ReadingThread } from '../identical-pages/reading-thread.ts'
import { atPriorityOf } from '../idle-priority.ts'
import { liveKernel } from '../kernel-root.ts'
import { pageSize } from '../libc.ts'
import { scrub } from '../page-cache/scrub.ts'
import { probeCapabilities } from '../probe/capabilities.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import type { ScanOptions } from '../scan-options.ts'
import { scrubAudited } from '../serve-handlers.ts'
import { stateFolders } from '../state-folders.ts'
import { formatAssessment } from './format-assessment.ts'
import { formatProbe } from './format-probe.ts'
import { formatScrub } from './format-scrub.ts'
import { parseAssessCommand, parseScanCommand, parseScrubCommand, type ScanCommand } from './parse-command.ts'
import { ProgressLine } from './progress-line.ts'

export async function runProbe(args: string[], io: CommandIo): Promise<number> {
  const command = parseScanCommand(args)
  const host = await readHostFacts(liveKernel)
  const probed = { host, ...(await probeCapabilities(liveKernel)) }
  print(probed, formatProbe, command, io)
  return 0
}

export async function runAssess(args: string[], io: CommandIo): Promise<number> {
  const command = parseAssessCommand(args)
  const exclusions = readExclusions(command)
  const assessment = await withProgress(command, io, (options) => assess({ ...options, ...exclusions }))
  print(assessment, formatAssessment, command, io)
  return 0
}

export async function runScrub(args: string[], io: CommandIo): Promise<number> {
  const command = parseScrubCommand(args)
  const { dryRun, params } = command
  const exclusions = readExclusions(command)
  // Before the lock, which needs root too but would not name the privilege.
  requirePrivilege('scrub images')
  const run = () =>
    withProgress(command, io, (options) => scrub(params, { ...options, ...exclusions, dryRun }))
  const result = dryRun ? await run() : await scrubAudited(await changeContext(io), params, run)
  print(result, formatScrub, command, io)
  return 0
}

/** Throws `bad-input` for a policy file that is none. */
function readExclusions({ policyPath }: ScanCommand): Pick<ScanOptions, 'exclusions'> {
  if (policyPath === undefined) return {}
  const { ksm, scrub } = readPolicy(policyPath)
  return { exclusions: { guests: ksm.exclude, images: scrub.guards.exclude } }
}

async function changeContext(io: CommandIo) {
  return {
    root: liveKernel,
    folders: stateFolders(process.env),
    pageSize,
    actor: await findActor(liveKernel, process.env),
    log: (line: string) => io.err(`${line}\n`),
  }
}

async function withProgress<T>(
  command: ScanCommand,
  io: CommandIo,
  run: (options: ScanOptions) => Promise<T>,
): Promise<T> {
  const line = new ProgressLine(io)
  const { presentBy, cpuRatio } = command
  const thread = command.threads === 2 ? new ReadingThread() : undefined
  try {
    const options = {
      root: liveKernel,
      signal: io.signal,
      reportProgress: (progress: Progress) => line.show(progress),
      ...(presentBy === undefined ? {} : { presentBy }),
      ...(thread === undefined ? {} : { thread }),
      ...(cpuRatio === undefined ? {} : { cpuRatio }),
    }
    return await atPriorityOf(cpuRatio, () => run(options))
  } finally {
    await thread?.end()
    line.clear()
  }
}

function print<T>(result: T, format: (result: T) => string, command: ScanCommand, io: CommandIo): void {
  io.out(command.json ? `${JSON.stringify(result)}\n` : format(result))
}
