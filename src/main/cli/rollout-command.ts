// The command `policy rollout`: a policy on several hosts in stages, stopped and put back when a guard trips.
import { defaultRolloutPressureRatio, type Rollout } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'
import { describeRollout, describeRolloutHost, describeStaying } from '../../shared/text/rollout-text.ts'
import { terminalJson } from '../../shared/text/terminal.ts'
import { sleep } from '../../shared/time/waiting.ts'
import { type CommandOf, type CommandTools, confirm, quietly } from './command-tools.ts'
import { findTargets, onEachHost } from './each-host.ts'
import { endOf, readPolicyFile } from './policy-command.ts'
import { describeProblem } from './terminal.ts'

type RolloutCommand = CommandOf<'rollout'>

/**
 * 0 only if every host ran the policy at the end. In session mode it ends, and all is put back, with this command;
 * services go on with it unless the roll-out failed.
 */
export async function runRollout(command: RolloutCommand, tools: CommandTools): Promise<number> {
  const policy = readPolicyFile(command.policyPath)
  const modes = `scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}`
  const stages = command.stages.join(', ')
  await confirm(
    `Roll the policy (${modes}) out over ${command.hosts.join(', ')}, in stages of ${stages}? When this command ends, so does the policy, and everything is put back; services of hosts go on with it.`,
    command.yes,
    tools,
  )
  const hostIds = await connectAll(command, tools)
  const { handlers } = tools.workbench
  const { stages: asked, waitSeconds } = command
  const plan = {
    hostIds,
    policy,
    stages: [...asked],
    waitSeconds,
    pressureRatio: defaultRolloutPressureRatio,
  }
  const unsubscribe = tellChanges(command.json, tools)
  try {
    const { id } = await handlers['rollouts/start'](plan, quietly)
    return await follow(id, command, tools)
  } finally {
    unsubscribe()
  }
}

/** Rejects, naming them, where hosts cannot be connected: nothing is begun then. */
async function connectAll({ hosts }: RolloutCommand, tools: CommandTools): Promise<string[]> {
  const { fleet } = tools.workbench
  const targets = await findTargets(fleet, hosts, true)
  const answers = await onEachHost(fleet, targets, async () => undefined, tools)
  const failed = answers.filter(({ problem }) => problem !== undefined)
  for (const { address, problem } of failed)
    if (problem) tools.terminal.warn(`${address}: ${describeProblem(problem)}`)
  if (failed.length > 0) {
    const names = failed.map(({ address }) => address).join(', ')
    throw new Problem(
      'unreachable',
      `cannot roll out the policy: ${names} cannot be connected; nothing was changed`,
    )
  }
  return targets.map(({ hostId }) => hostId)
}

async function follow(id: string, command: RolloutCommand, tools: CommandTools): Promise<number> {
  const { terminal, signal } = tools
  const rolledOut = await waitFor(id, tools, signal, ({ state }) => state === 'done' || state === 'stopped')
  if (rolledOut.state === 'done') {
    const isLeft = rolledOut.hosts.every(({ mode }) => mode === 'service')
    if (!command.json) terminal.print(describeStaying(rolledOut.hosts))
    if (!isLeft) await waitFor(id, tools, endOf(command.forSeconds, signal), ({ hosts }) => !allRun(hosts))
  }
  const atEnd = await shown(id, tools)
  const succeeded = atEnd.state === 'done' && allRun(atEnd.hosts)
  // Sessions end with this command and put everything back by themselves; stopping would take it from services, too.
  const stays = succeeded && atEnd.hosts.some(({ mode }) => mode === 'service')
  const ended = stays ? atEnd : await putBack(atEnd, tools)
  if (command.json) terminal.print(terminalJson({ ...ended, succeeded }, 2))
  else {
    for (const host of ended.hosts) terminal.print(describeRolloutHost(host))
    const sessions = ended.hosts.filter(({ mode, state }) => mode !== 'service' && state === 'running')
    if (sessions.length > 0)
      terminal.print(
        `${sessions.map(({ name }) => name).join(', ')}: ends with this command, everything is put back`,
      )
  }
  return succeeded ? 0 : 1
}

function allRun(hosts: Rollout['hosts']): boolean {
  return hosts.every(({ state }) => state === 'running')
}

/** What ended the roll-out must not end its undoing. */
async function putBack(rollout: Rollout, tools: CommandTools): Promise<Rollout> {
  if (rollout.state === 'stopped') return rollout
  const begun = rollout.hosts.some(({ state }) => ['starting', 'running', 'stopping'].includes(state))
  if (rollout.state === 'done' && !begun) return rollout
  if (rollout.state !== 'stopping')
    await tools.workbench.handlers['rollouts/stop']({ id: rollout.id }, quietly)
  return await waitFor(rollout.id, tools, quietly.signal, ({ state }) => state === 'stopped')
}

/** Until it is so, or the signal is aborted. */
async function waitFor(
  id: string,
  tools: CommandTools,
  signal: AbortSignal,
  isSo: (rollout: Rollout) => boolean,
): Promise<Rollout> {
  for (;;) {
    const rollout = await shown(id, tools)
    if (isSo(rollout) || signal.aborted) return rollout
    await sleep(200, signal)
  }
}

async function shown(id: string, { workbench }: CommandTools): Promise<Rollout> {
  const { rollouts } = await workbench.handlers['rollouts/list']({}, quietly)
  const found = rollouts.find((one) => one.id === id)
  if (found === undefined)
    throw new Problem('gone', 'cannot follow the roll-out: it is not in the list any more')
  return found
}

/** States of hosts as they change; with `--json` only the document at the end. */
function tellChanges(json: boolean, { workbench, terminal }: CommandTools): () => void {
  const said = new Map<string, string>()
  return workbench.subscribe((name, value) => {
    if (name !== 'rollouts/changed') return
    const rollout = value as Rollout
    terminal.showProgress(describeRollout(rollout))
    if (json) return
    for (const host of rollout.hosts) {
      const line = describeRolloutHost(host)
      if (said.get(host.hostId) !== line && host.state !== 'waiting') terminal.print(line)
      said.set(host.hostId, line)
    }
    const stage = rollout.state === 'running' ? `stage ${rollout.stage + 1}` : describeRollout(rollout)
    if (said.get('') !== stage) terminal.print(stage)
    said.set('', stage)
  })
}
