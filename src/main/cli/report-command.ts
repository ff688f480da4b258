// The command `report`: assesses the hosts, or takes what is recorded, and writes one document.
import { Problem } from '../../shared/problem.ts'
import { wallClock } from '../../shared/wall-clock.ts'
import type { CommandTools } from './command-tools.ts'
import { findTargets, onEachHost, type Target } from './each-host.ts'
import type { ReportCommand } from './report-arguments.ts'
import { describeProblem } from './terminal.ts'
import { writeWhole } from './write-whole.ts'

/**
 * Writes the document by rename. Returns the exit code: 1 where a host could not be assessed. Rejects with a Problem.
 */
export async function writeReport(command: ReportCommand, tools: CommandTools): Promise<number> {
  const { workbench, terminal, signal } = tools
  const { handlers, fleet } = workbench
  const asked = command.hosts.length > 0 ? command.hosts : fleet.saved().map(({ name }) => name)
  if (asked.length === 0) {
    throw new Problem('bad-input', 'cannot write a report: no hosts are saved and none was named')
  }
  const targets = await findTargets(fleet, asked, false)
  const failed = command.recorded ? false : await assessAll(targets, tools)
  const to = wallClock()
  const { content, encoding } = await handlers['reports/build'](
    { hostIds: targets.map(({ hostId }) => hostId), format: command.format, from: to - command.rangeMs, to },
    { signal, reportProgress: ({ step }) => terminal.showProgress(step) },
  )
  writeWhole(command.out, Buffer.from(content, encoding ?? 'utf8'))
  terminal.print(`wrote ${command.out}`)
  return failed ? 1 : 0
}

/** Whether a host failed; what it says is told at once. */
async function assessAll(targets: readonly Target[], tools: CommandTools): Promise<boolean> {
  const { handlers, fleet } = tools.workbench
  const answers = await onEachHost(
    fleet,
    targets,
    ({ hostId }, context) => handlers.assess({ hostId }, context),
    tools,
  )
  for (const { address, problem } of answers) {
    if (problem) tools.terminal.warn(`${address}: ${describeProblem(problem)}`)
  }
  return answers.some(({ problem }) => problem !== undefined)
}
