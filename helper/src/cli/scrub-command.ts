import { formatScrub } from '../../../src/shared/text/scrub-text.ts'
import { scrub } from '../page-cache/scrub.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import { scrubAudited } from '../serve/scrub-audited.ts'
import { commandContext } from './command-context.ts'
import type { CommandIo } from './command-io.ts'
import { parseScrubCommand } from './parse-command.ts'
import { print, readExclusions, withProgress } from './scan-command.ts'

/**
 * `scrub`: evicts double-cached pages of images; with `--dry-run` it only counts them. Needs root unless dry. Returns
 * the exit code. Throws a Problem.
 */
export async function runScrub(args: string[], io: CommandIo): Promise<number> {
  const command = parseScrubCommand(args)
  const { dryRun, params } = command
  const exclusions = await readExclusions(command)
  // Before the lock, which needs root too but would not name the privilege.
  requirePrivilege('scrub images')
  const run = () =>
    withProgress(command, io, (options, remembered) =>
      scrub(params, { ...options, ...exclusions, dryRun }, remembered),
    )
  const result = dryRun
    ? await run()
    : await scrubAudited(await commandContext((line) => io.say(line)), params, run)
  print(result, formatScrub, command, io)
  return 0
}
