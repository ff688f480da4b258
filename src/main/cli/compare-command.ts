// The command `compare`: one quantity on several hosts, or on one before and after a moment, from the recorded history.

import type { ComparedMeans } from '../../shared/contract/index.ts'
import { compare } from '../../shared/figures/compare.ts'
import { metricTitle } from '../../shared/figures/metric-title.ts'
import { formatComparison } from '../../shared/text/comparison-text.ts'
import { terminalJson } from '../../shared/text/terminal.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { CommandTools } from './command-tools.ts'
import type { CompareCommand } from './compare-arguments.ts'
import { findTargets, type Target } from './each-host.ts'

const slots = 60
const shortestSpanMs = 60_000

/** Connects to no host. 1 where nothing was recorded of any. */
export async function runCompare(command: CompareCommand, tools: CommandTools): Promise<number> {
  const { workbench, terminal } = tools
  const targets = await findTargets(workbench.fleet, command.hosts, false)
  const to = command.to ?? wallClock()
  const range = { from: command.from ?? to - command.rangeMs, to }
  const { comparison, names } =
    command.moment === undefined
      ? { comparison: await read(targets, range, command, tools), names: namesOf(targets) }
      : await readAround(targets[0] as Target, command.moment, command, tools)
  const { metric, per } = command
  const view = compare(comparison, { metric, per, nameOf: (key) => names.get(key) ?? key })
  const title = `${metricTitle(metric)}, ${describeRange(command.moment === undefined ? range : undefined)}`
  terminal.print(
    command.json
      ? terminalJson({ metric, per, unit: view.unit, ...range, hosts: view.rows, notes: view.notes }, 2)
      : formatComparison(view, title),
  )
  return view.rows.some(({ mean }) => mean !== undefined) ? 0 : 1
}

function namesOf(targets: readonly Target[]): ReadonlyMap<string, string> {
  return new Map(targets.map(({ hostId, address }) => [hostId, address]))
}

function read(
  targets: readonly Target[],
  range: { readonly from: number; readonly to: number },
  { metric }: CompareCommand,
  { workbench, signal }: CommandTools,
): Promise<ComparedMeans> {
  const order = { hostIds: targets.map(({ hostId }) => hostId), metric, ...range, slots }
  return workbench.handlers['compare/means'](order, { signal, reportProgress: () => undefined })
}

/** The same time before and after. */
async function readAround(host: Target, moment: number, command: CompareCommand, tools: CommandTools) {
  const until = command.to ?? wallClock()
  const span = Math.min(command.rangeMs, Math.max(shortestSpanMs, until - moment))
  const before = await read([host], { from: moment - span, to: moment }, command, tools)
  const after = await read([host], { from: moment, to: moment + span }, command, tools)
  const hosts = [before, after].flatMap(({ hosts: [one] }, index) =>
    one ? [{ ...one, hostId: index === 0 ? 'before' : 'after' }] : [],
  )
  const names = new Map([
    ['before', `${host.address}, before`],
    ['after', `${host.address}, after`],
  ])
  return { comparison: { at: before.at, hosts }, names }
}

function describeRange(range: { readonly from: number; readonly to: number } | undefined): string {
  if (!range) return 'before and after'
  return [range.from, range.to]
    .map((at) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`)
    .join(' to ')
}
