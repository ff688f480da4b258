// The command `report`: assesses the hosts, or takes what is recorded, and writes one document.
import type { ReportOrder } from '../../shared/contract/index.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import { withValue } from '../../shared/with-value.ts'
import type { CommandTools } from './command-tools.ts'
import { findTargets, onEachHost, type Target } from './each-host.ts'
import type { ReportCommand } from './report-arguments.ts'
import { describeProblem } from './terminal.ts'
import { isOwnStdout, writeWhole } from './write-whole.ts'

/**
 * Writes the document by rename. Returns the exit code: 1 where a host could not be assessed. Rejects with a Problem.
 */
export async function writeReport(command: ReportCommand, tools: CommandTools): Promise<number> {
  const { workbench, terminal, signal } = tools
  const { fleet } = workbench
  const { tag, rangeMs, format, ...template } = await templateOf(command, tools)
  const wanted = fleet.saved().filter(({ tags }) => tag === undefined || tags.includes(tag))
  const asked = command.hosts.length > 0 ? command.hosts : wanted.map(({ name }) => name)
  if (asked.length === 0) {
    throw new Problem('bad-input', 'cannot write a report: no hosts are saved and none was named')
  }
  const targets = await findTargets(fleet, asked, false)
  const failed = command.recorded ? false : await assessAll(targets, tools)
  const to = wallClock()
  const order = {
    hostIds: targets.map(({ hostId }) => hostId),
    ...template,
    format,
    from: to - rangeMs,
    to,
  }
  const context: CallContext = { signal, reportProgress: ({ step }) => terminal.showProgress(step) }
  const out = await writeOrGiveHtml(order, command.out, context, tools)
  if (!isOwnStdout(out)) terminal.print(`wrote ${out}`)
  return failed ? 1 : 0
}

const weekMs = 7 * 86_400_000

/** What the command says goes before what its template says. */
async function templateOf({ template, format, rangeMs }: ReportCommand, { workbench, signal }: CommandTools) {
  const context: CallContext = { signal, reportProgress: () => undefined }
  const all =
    template === undefined ? [] : (await workbench.handlers['reports/templates']({}, context)).templates
  const found = all.find(({ name }) => name === template)
  if (template !== undefined && !found) {
    const names = all.map(({ name }) => `"${name}"`).join(', ')
    throw new Problem('not-found', `cannot find a template named "${template}": there are ${names}`)
  }
  return {
    ...withValue({
      tag: found?.tag,
      title: found?.title,
      chapters: found?.chapters,
      compared: found?.compared,
    }),
    rangeMs: rangeMs ?? found?.rangeMs ?? weekMs,
    format: format ?? found?.format ?? 'html',
  }
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
