// The command `policy`: previews, runs and watches policies on hosts.

import { readFileSync } from 'node:fs'
import type { PolicyPreview, PolicyRound, PolicyStatus } from '../../shared/contract/index.ts'
import type { Policy } from '../../shared/contract/policies.ts'
import { defaultChangePolicy, parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { Problem } from '../../shared/problem.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { describePreview, describeRoundLine, describeStatus } from '../../shared/text/policy-text.ts'
import { inLine, terminalJson } from '../../shared/text/terminal.ts'
import { sleep } from '../../shared/time/waiting.ts'
import { type CommandOf, type CommandTools, confirm, finish, quietly } from './command-tools.ts'
import { findTargets, onEachHost, type Target } from './each-host.ts'
import { startAndLook } from './start-and-look.ts'

type PolicyCommand = CommandOf<'policy'>

/** `policy`: previews, starts, stops, or tells how it stands. Returns the exit code. */
export async function runPolicy(command: PolicyCommand, tools: CommandTools): Promise<number> {
  const { hosts, act, json } = command
  if (act === 'start') return startPolicy(command, tools)
  const { handlers, fleet } = tools.workbench
  const targets = await findTargets(fleet, hosts, act === 'stop')
  if (act === 'preview') {
    const policy = readPolicyFile(command.policyPath)
    const work = ({ hostId }: Target, context: CallContext) =>
      handlers['policies/preview']({ hostId, policy, rounds: 3 }, context)
    return finish<PolicyPreview>(await onEachHost(fleet, targets, work, tools), json, describePreview, tools)
  }
  const work = ({ hostId }: Target, context: CallContext) => handlers[`policies/${act}`]({ hostId }, context)
  const answers = await onEachHost(fleet, targets, work, tools)
  return finish<PolicyStatus>(
    answers,
    json,
    describeStatus,
    tools,
    (status) => act === 'status' && hasEnded(status),
  )
}

/** The policy ended without a request: it failed, or could not go on. */
function hasEnded({ run, ended }: PolicyStatus): boolean {
  return run === undefined && ended !== undefined
}

/** In session mode it ends, and everything is put back, with this command; a service goes on with it. */
async function startPolicy(command: PolicyCommand, tools: CommandTools): Promise<number> {
  const { workbench, terminal } = tools
  const { handlers, fleet } = workbench
  const { replace } = command
  const policy = readPolicyFile(command.policyPath)
  const modes = `scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}`
  const names = command.hosts.join(', ')
  await confirm(
    `Run the policy (${modes}) on ${names}? When this command ends, the policy ends and everything is put back; on a host with the service it goes on until "policy stop".`,
    command.yes,
    tools,
  )
  const targets = await findTargets(fleet, command.hosts, true)
  const until = endOf(command.forSeconds, tools.signal)
  const tell = tellRounds(targets, command.json, tools)
  const unsubscribe = workbench.subscribe((name, value) => {
    if (name === 'policies/round') tell(value as { hostId: string; round: PolicyRound })
  })
  try {
    const work = async ({ hostId, address }: Target, context: CallContext) => {
      if (command.forSeconds !== undefined) await refuseService(handlers, hostId, context)
      const started = await startAndLook(hostId, { policy, replace }, tools, context)
      if (started.run?.mode === 'service') return started
      if (!command.json) terminal.print(`${address}: the policy runs (${modes}); Ctrl-C ends it`)
      const before = await watchUntil(until, () => {
        if (fleet.find(hostId).session.link === undefined) throw lost()
        return handlers['policies/status']({ hostId }, quietly)
      })
      await handlers['policies/stop']({ hostId }, quietly)
      return before
    }
    // What ends the run must not end its undoing.
    const staying = { ...tools, signal: quietly.signal }
    return finish<PolicyStatus>(
      await onEachHost(fleet, targets, work, staying),
      command.json,
      describeStatus,
      tools,
      hasEnded,
    )
  } finally {
    unsubscribe()
  }
}

/** The service has no end of its own. */
async function refuseService(
  handlers: CommandTools['workbench']['handlers'],
  hostId: string,
  context: CallContext,
): Promise<void> {
  const { state } = await handlers['service/status']({ hostId }, context)
  if (state !== 'running' && state !== 'starting') return
  throw new Problem(
    'not-applicable',
    'cannot run a policy for a time: the service runs it until it is stopped',
    {
      remedy: 'Leave out --for, and end it by "policy stop HOST".',
    },
  )
}

/** Aborted with `signal`, or once the time has passed. */
export function endOf(forSeconds: number | undefined, signal: AbortSignal): AbortSignal {
  return forSeconds === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(forSeconds * 1000)])
}

function lost(): Problem {
  return new Problem('disconnected', 'the connection broke: the helper has put everything back')
}

const lookEveryMs = 1000

/** How it stood last: until the signal, or until it has ended by itself. Rejects with a Problem of `look`. */
async function watchUntil(signal: AbortSignal, look: () => Promise<PolicyStatus>): Promise<PolicyStatus> {
  for (;;) {
    const status = await look()
    if (signal.aborted || hasEnded(status)) return status
    await sleep(lookEveryMs, signal)
  }
}

/** Sentences as they are new, or a JSON line a round. */
function tellRounds(targets: readonly Target[], json: boolean, { terminal }: CommandTools) {
  const said = new Map<string, ReadonlySet<string>>()
  return ({ hostId, round }: { hostId: string; round: PolicyRound }) => {
    const address = targets.find((target) => target.hostId === hostId)?.address ?? hostId
    if (json) {
      terminal.warn(terminalJson({ address, round }))
      return
    }
    const before = said.get(hostId)
    for (const line of round.decisions)
      if (!before?.has(line)) terminal.print(inLine(`${address}: ${line}`, 4096))
    said.set(hostId, new Set(round.decisions))
    terminal.showProgress(`${address}: ${describeRoundLine(round)}`)
  }
}

/** Without a path: the default policy. Throws `bad-input`. */
export function readPolicyFile(path: string | undefined): Policy {
  if (path === undefined) return defaultChangePolicy()
  try {
    return parsePolicyFile(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof Problem) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem('bad-input', `cannot read the policy file ${path}: ${reason}`, { cause: error })
  }
}
