import { formatAssessment } from '../../../src/shared/text/assessment-text.ts'
import { assess } from '../assess.ts'
import type { CommandIo } from './command-io.ts'
import { parseAssessCommand } from './parse-command.ts'
import { print, readExclusions, withProgress } from './scan-command.ts'

/** `assess`: reads the whole host and changes nothing. Returns the exit code. Throws a Problem. */
export async function runAssess(args: string[], io: CommandIo): Promise<number> {
  const command = parseAssessCommand(args)
  const exclusions = await readExclusions(command)
  const assessment = await withProgress(command, io, (options, remembered) =>
    assess({ ...options, ...exclusions }, remembered),
  )
  print(assessment, formatAssessment, command, io)
  return 0
}
