// The command `report`: assesses the hosts, or takes what is recorded, and writes one document.
import type { ReportOrder } from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
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
  const { fleet } = workbench
  const asked = command.hosts.length > 0 ? command.hosts : fleet.saved().map(({ name }) => name)
  if (asked.length === 0) {
    throw new Problem('bad-input', 'cannot write a report: no hosts are saved and none was named')
  }
  const targets = await findTargets(fleet, asked, false)
  const failed = command.recorded ? false : await assessAll(targets, tools)
  const to = wallClock()
  const order = {
    hostIds: targets.map(({ hostId }) => hostId),
    format: command.format,
    from: to - command.rangeMs,
    to,
  }
  const context: CallContext = { signal, reportProgress: ({ step }) => terminal.showProgress(step) }
  const out = await writeOrGiveHtml(order, command.out, context, tools)
  terminal.print(`wrote ${out}`)
  return failed ? 1 : 0
}

/** Where nothing prints a PDF, the same as HTML beside it. Answers with what was written. */
async function writeOrGiveHtml(
  order: ReportOrder,
  out: string,
  context: CallContext,
  { workbench, terminal }: CommandTools,
): Promise<string> {
  try {
    const { content, encoding } = await workbench.handlers['reports/build'](order, context)
    writeWhole(out, Buffer.from(content, encoding ?? 'utf8'))
    return out
  } catch (error) {
    const problem = asProblem(error)
    if (order.format !== 'pdf' || problem.code !== 'not-supported') throw error
    terminal.warn(describeProblem(problem.toData()))
    return writeOrGiveHtml({ ...order, format: 'html' }, `${out.replace(/\.pdf$/, '')}.html`, context, {
      workbench,
      terminal,
      signal: context.signal,
    })
  }
}

/** Whether a host failed; what it says is told at once. */
async function assessAll(targets: readonly Target[], tools: CommandTools): Promise<boolean> {
  const { handlers, fleet } = tools.workbench
  const answers = await onEachHost(
    fleet,
    targets,
    async ({ hostId }, context) => {
      await handlers.assess({ hostId }, context)
      // Of what was just compared: two seconds more.
      return handlers['capacity/estimate']({ hostId, anew: false }, context)
    },
    tools,
  )
  for (const { address, problem } of answers) {
    if (problem) tools.terminal.warn(`${address}: ${describeProblem(problem)}`)
  }
  return answers.some(({ problem }) => problem !== undefined)
}
