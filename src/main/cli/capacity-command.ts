// The command `capacity`: how many more guests fit on each host, and what a bad day takes.
import type { Capacity } from '../../shared/contract/index.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { formatCapacity } from '../../shared/text/capacity-text.ts'
import { withValue } from '../../shared/with-value.ts'
import { type CommandTools, finish } from './command-tools.ts'
import { findTargets, onEachHost, type Target } from './each-host.ts'
import type { CapacityCommand } from './picture-arguments.ts'
import { readPolicyFile } from './policy-command.ts'

/** 1 where a host did not answer or has no such guest. */
export async function runCapacity(command: CapacityCommand, tools: CommandTools): Promise<number> {
  const { handlers, fleet } = tools.workbench
  const policy = command.policyPath === undefined ? undefined : readPolicyFile(command.policyPath)
  // A guest whose name is a number is named by its process.
  const like = /^[1-9]\d{0,9}$/.test(command.like ?? '') ? Number(command.like) : command.like
  const targets = await findTargets(fleet, command.hosts, false)
  const work = ({ hostId }: Target, context: CallContext) =>
    handlers['capacity/estimate'](
      { hostId, anew: true, ...withValue({ like, policy, policyName: command.policyPath }) },
      context,
    )
  return finish<Capacity>(await onEachHost(fleet, targets, work, tools), command.json, formatCapacity, tools)
}
