// The command `experiment`: planned, run, gone on with, shown and listed without a screen.
import {
  type Experiment,
  type ExperimentPreview,
  type ExperimentSummary,
  experimentGuards,
  type ShownExperiment,
} from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import {
  describeExperiment,
  describePlan,
  describeProgress,
  describeSummary,
} from '../../shared/text/experiment-lines.ts'
import { terminalJson } from '../../shared/text/terminal.ts'
import { sleep } from '../../shared/time/waiting.ts'
import { withValue } from '../../shared/with-value.ts'
import { type CommandOf, type CommandTools, confirm, quietly } from './command-tools.ts'
import { findTargets, onEachHost } from './each-host.ts'
import type { ExperimentOutput } from './experiment-arguments.ts'
import { describeProblem } from './terminal.ts'
import { assertWritable, isOwnStdout, writeWhole } from './write-whole.ts'

type ExperimentCommand = CommandOf<'experiment'>
type Question = Extract<ExperimentCommand, { readonly act: 'plan' | 'run' }>

/**
 * 0: it ran to its end on every host, whatever the verdict. 3: a guard or a person ended it, or a host was given up; whether such
 * a host has put everything back could not always be asked. Pure.
 */
export function endCodeOf({ state, hosts }: Pick<Experiment, 'state' | 'hosts'>): number {
  return state === 'done' && hosts.every((host) => host.state === 'done') ? 0 : 3
}

/** Carries the command out; resolves with the exit code that docs/experiments.md lists. Rejects with a Problem. */
export async function runExperiment(command: ExperimentCommand, tools: CommandTools): Promise<number> {
  const { handlers } = tools.workbench
  if ('out' in command && command.out !== undefined) assertWritable(command.out.path)
  if (command.act === 'list') {
    const { experiments } = await handlers['experiments/list']({}, quietly)
    tools.terminal.print(command.json ? terminalJson(experiments, 2) : listOf(experiments))
    return 0
  }
  if (isQuestion(command)) return askQuestion(command, tools)
  if (command.act === 'resume') return resume(command, tools)
  if (command.act === 'remove') {
    await handlers['experiments/remove']({ id: command.id }, quietly)
    return 0
  }
  return finish(await handlers['experiments/show']({ id: command.id }, quietly), command, tools)
}

function isQuestion(command: ExperimentCommand): command is Question {
  return command.act === 'plan' || command.act === 'run'
}

function listOf(experiments: readonly ExperimentSummary[]): string {
  return experiments.length === 0 ? 'no experiments are kept' : experiments.map(describeSummary).join('\n')
}

async function askQuestion(command: Question, tools: CommandTools): Promise<number> {
  const { handlers } = tools.workbench
  const [first, second] = [await findArm(command.arms[0], tools), await findArm(command.arms[1], tools)]
  if (command.act === 'run')
    await confirm(
      `Run ${command.arms.join(' and ')} in turn on ${command.hosts.join(', ')}? ${command.cold ? 'Before each phase the page cache of all images is dropped. ' : ''}Everything is put back at the end.`,
      command.yes,
      tools,
    )
  const hostIds = await connectAll(command.hosts, command.act === 'run', tools)
  const order = {
    hostIds,
    arms: [first, second] as [typeof first, typeof second],
    phaseSeconds: command.phaseSeconds,
    warmUpSeconds: command.warmUpSeconds,
    pairs: command.pairs,
    cold: command.cold,
    metric: command.metric,
    marginRatio: command.marginRatio,
    minReads: command.minReads,
    guards: experimentGuards.parse(command.guards),
    ...withValue({ seed: command.seed }),
  }
  const planned = await handlers['experiments/plan'](order, quietly)
  if (command.act === 'plan') {
    tools.terminal.print(
      command.json ? terminalJson(withoutModes(planned), 2) : describePlan(withoutModes(planned)),
    )
    return 0
  }
  if (!command.json) tools.terminal.print(describePlan(planned))
  const { id } = await handlers['experiments/start']({ ...order, seed: planned.plan.seed }, quietly)
  return finish(await follow(id, command.json, tools), command, tools)
}

/** Planning connects in observe mode, and running lifts it: that is no refusal here. */
function withoutModes(planned: ExperimentPreview): ExperimentPreview {
  const hosts = planned.hosts.map(({ refusal, ...host }) => ({
    ...host,
    ...withValue({ refusal: refusal?.endsWith('is in observe mode') ? undefined : refusal }),
  }))
  return { ...planned, hosts }
}

function findArm(name: string, { workbench }: CommandTools) {
  return workbench.handlers['experiments/arm']({ name }, quietly)
}

async function connectAll(hosts: readonly string[], change: boolean, tools: CommandTools): Promise<string[]> {
  const { fleet } = tools.workbench
  const targets = await findTargets(fleet, hosts, change)
  const answers = await onEachHost(fleet, targets, async () => undefined, tools)
  const failed = answers.filter(({ problem }) => problem !== undefined)
  for (const { address, problem } of failed)
    if (problem) tools.terminal.warn(`${address}: ${describeProblem(problem)}`)
  if (failed.length > 0)
    throw new Problem(
      'unreachable',
      'cannot begin the experiment: not every host can be connected; nothing was changed',
    )
  return targets.map(({ hostId }) => hostId)
}

async function resume(
  command: Extract<ExperimentCommand, { id: string }>,
  tools: CommandTools,
): Promise<number> {
  const { handlers, fleet, experiments } = tools.workbench
  const { hosts } = await handlers['experiments/show']({ id: command.id }, quietly)
  const addresses = hosts.map(({ address }) => address)
  await confirm(`Go on with experiment ${command.id} on ${addresses.join(', ')}?`, command.yes, tools)
  await connectAll(addresses, true, tools)
  await experiments.resume(
    command.id,
    (address) => fleet.saved().find((host) => host.address === address)?.id,
  )
  return finish(await follow(command.id, command.json, tools), command, tools)
}

/** Until it has ended; an interrupt stops it, and what it started is put back first. */
async function follow(id: string, json: boolean, tools: CommandTools): Promise<ShownExperiment> {
  const { workbench, terminal, signal } = tools
  const said = new Set<string>()
  let isStopped = false
  for (;;) {
    const shown = await workbench.handlers['experiments/show']({ id }, quietly)
    for (const line of describeProgress(shown)) {
      if (!json && !said.has(line)) terminal.print(line)
      said.add(line)
    }
    terminal.showProgress(`experiment ${id}: ${shown.state}`)
    if (shown.state === 'done' || shown.state === 'stopped') return shown
    if (signal.aborted && !isStopped) {
      isStopped = true
      await workbench.handlers['experiments/stop']({ id }, quietly)
    }
    await sleep(500, signal.aborted ? quietly.signal : signal)
  }
}

async function finish(
  shown: ShownExperiment,
  { json, out, act }: { readonly json: boolean; readonly out?: ExperimentOutput; readonly act: string },
  { workbench, terminal }: CommandTools,
): Promise<number> {
  const { handlers } = workbench
  if (json) {
    const { content } = await handlers['experiments/export']({ id: shown.id, format: 'json' }, quietly)
    terminal.print(terminalJson(JSON.parse(content), 2))
  } else terminal.print(describeExperiment(shown))
  if (out !== undefined) {
    const order = { id: shown.id, format: out.format }
    const { content, encoding } = await handlers['experiments/export'](order, quietly)
    writeWhole(out.path, Buffer.from(content, encoding ?? 'utf8'))
    if (!json && !isOwnStdout(out.path)) terminal.print(`wrote ${out.path}`)
  }
  return act === 'show' ? 0 : endCodeOf(shown)
}
