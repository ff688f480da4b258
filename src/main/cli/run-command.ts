// Carries a command out through the same services as the screens; answers with the exit code.

import { setTimeout as sleep } from 'node:timers/promises'
import type { KsmStatus } from '../../shared/contract/ksm.ts'
import { Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { formatAssessment } from '../../shared/text/assessment-text.ts'
import { formatGuestSwitch, formatKsmStatus } from '../../shared/text/ksm-text.ts'
import { formatScrub } from '../../shared/text/scrub-text.ts'
import { terminalJson } from '../../shared/text/terminal.ts'
import { withValue } from '../../shared/with-value.ts'
import { answerPrompts } from './answering.ts'
import type { Command } from './arguments.ts'
import { runCapacity } from './capacity-command.ts'
import { type CommandOf, type CommandTools, confirm, finish } from './command-tools.ts'
import { runCompare } from './compare-command.ts'
import { findTargets, onEachHost, type Target } from './each-host.ts'
import { runExperiment } from './experiment-command.ts'
import { runForecast } from './forecast-command.ts'
import { writeMap } from './map-command.ts'
import { runPolicy } from './policy-command.ts'
import { renderHosts } from './render.ts'
import { writeReport } from './report-command.ts'
import { runRollout } from './rollout-command.ts'
import { runService } from './service-command.ts'
import { uninstall } from './uninstall.ts'

/** Runs one parsed command. Returns the exit code. Rejects with the Problem that ends it. */
export async function runCommand(command: Command, tools: CommandTools): Promise<number> {
  answerPrompts(tools.workbench, tools.terminal, tools.signal)
  if (command.kind === 'assess') return assess(command, tools)
  if (command.kind === 'scrub') return scrub(command, tools)
  if (command.kind === 'ksm') return governKsm(command, tools)
  if (command.kind === 'merge') return mergeGuest(command, tools)
  if (command.kind === 'policy') return runPolicy(command, tools)
  if (command.kind === 'service') return runService(command, tools)
  if (command.kind === 'rollout') return runRollout(command, tools)
  if (command.kind === 'experiment') return runExperiment(command, tools)
  if (command.kind === 'report') return writeReport(command, tools)
  if (command.kind === 'compare') return runCompare(command, tools)
  if (command.kind === 'map') return writeMap(command, tools)
  if (command.kind === 'capacity') return runCapacity(command, tools)
  if (command.kind === 'forecast') return runForecast(command, tools)
  if (command.kind === 'uninstall') return uninstall(command, tools)
  return keepHosts(command, tools)
}

async function assess({ hosts, json }: CommandOf<'assess'>, tools: CommandTools): Promise<number> {
  const { handlers, fleet } = tools.workbench
  const targets = await findTargets(fleet, hosts, false)
  const answers = await onEachHost(
    fleet,
    targets,
    ({ hostId }, context) => handlers.assess({ hostId }, context),
    tools,
  )
  return finish(answers, json, formatAssessment, tools)
}

async function scrub(command: CommandOf<'scrub'>, tools: CommandTools): Promise<number> {
  const { handlers, fleet } = tools.workbench
  const { hosts, images, dryRun, json } = command
  if (!dryRun) await confirm(`Scrub the page cache of ${hosts.join(', ')}?`, command.yes, tools)
  const targets = await findTargets(fleet, hosts, !dryRun)
  const method = dryRun ? 'page-cache/plan' : 'page-cache/scrub'
  const work = ({ hostId }: Target, context: CallContext) =>
    handlers[method](
      { hostId, ...withValue({ images: images.length > 0 ? [...images] : undefined }) },
      context,
    )
  return finish(await onEachHost(fleet, targets, work, tools), json, formatScrub, tools)
}

async function governKsm({ act, hosts, json, yes }: CommandOf<'ksm'>, tools: CommandTools): Promise<number> {
  const { handlers, fleet } = tools.workbench
  if (act === 'unmerge' && !yes && !tools.terminal.interactive) {
    throw new Problem('bad-input', 'cannot unmerge: this takes memory, so it needs --yes', {
      remedy: 'See --help.',
    })
  }
  if (act !== 'status') await confirm(`${sentences[act]} on ${hosts.join(', ')}?`, yes, tools)
  const targets = await findTargets(fleet, hosts, act !== 'status')
  const work = async ({ hostId }: Target, context: CallContext) => {
    const status = await handlers[`ksm/${act}`]({ hostId }, context)
    return act === 'start'
      ? followBurst(status, () => handlers['ksm/status']({ hostId }, context), tools.signal)
      : status
  }
  return finish(await onEachHost(fleet, targets, work, tools), json, formatKsmStatus, tools)
}

/** Stays until the burst is over, or interrupted: it ends with our session. */
async function followBurst(
  started: KsmStatus,
  read: () => Promise<KsmStatus>,
  signal: AbortSignal,
): Promise<KsmStatus> {
  let status = started
  const isUnderWay = () => status.burst?.state === 'running' || status.burst?.state === 'measuring'
  while (isUnderWay() && !signal.aborted) {
    await sleep(500)
    status = await read()
  }
  return status
}

async function mergeGuest(command: CommandOf<'merge'>, tools: CommandTools): Promise<number> {
  const { handlers, fleet } = tools.workbench
  const { guest, merge, hosts, json } = command
  const question = merge
    ? `Let KSM merge guest ${guest} (merged pages open a timing side channel between guests) on ${hosts.join(', ')}?`
    : `Unmerge guest ${guest}, which takes memory, and keep KSM from merging it on ${hosts.join(', ')}?`
  await confirm(question, command.yes, tools)
  const targets = await findTargets(fleet, hosts, true)
  // A guest whose name is a number is named by its process.
  const wanted = /^[1-9]\d{0,9}$/.test(guest) ? Number(guest) : guest
  const work = ({ hostId }: Target, context: CallContext) =>
    handlers['ksm/merge']({ hostId, guest: wanted, merge }, context)
  return finish(await onEachHost(fleet, targets, work, tools), json, formatGuestSwitch, tools)
}

const sentences = {
  start: 'Start KSM (merged pages open a timing side channel between guests)',
  stop: 'Stop KSM and keep what is merged',
  unmerge: 'Unmerge all pages',
  restore: 'Restore the original KSM settings',
} as const

async function keepHosts(command: Command, { workbench, terminal, signal }: CommandTools): Promise<number> {
  const { fleet, handlers } = workbench
  if (command.kind === 'hosts-list') {
    const hosts = fleet.saved()
    terminal.print(command.json ? terminalJson(hosts, 2) : renderHosts(hosts))
  } else if (command.kind === 'hosts-add') {
    const { name, address } = await fleet.addHost({
      address: command.address,
      ...withValue({ name: command.name || undefined }),
    })
    terminal.print(`added ${name}${name === address ? '' : ` (${address})`} in observe mode`)
  } else if (command.kind === 'hosts-remove') {
    const host = fleet.saved().find(({ name, address }) => name === command.host || address === command.host)
    if (!host) throw new Problem('not-found', `cannot remove ${command.host}: no saved host has this name`)
    await handlers['hosts/remove']({ hostId: host.id }, quiet(signal))
    terminal.print(`removed ${host.name}`)
  }
  return 0
}

function quiet(signal: AbortSignal): CallContext {
  return { signal, reportProgress: () => undefined }
}
