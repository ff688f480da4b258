// The command `service`: installs, upgrades, rolls back, removes and shows the service of hosts.

import type { ServiceAct, ServiceStatus } from '../../shared/contract/index.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { describeDisconnect, describeService } from '../../shared/text/service-text.ts'
import { withValue } from '../../shared/with-value.ts'
import { type CommandOf, type CommandTools, confirm, finish } from './command-tools.ts'
import { findTargets, onEachHost, type Target } from './each-host.ts'
import { readPolicyFile } from './policy-command.ts'

const questions: Readonly<Record<ServiceAct, (names: string) => string>> = {
  install: (names) =>
    `Install the service on ${names}? It changes the host without anyone connected. ${describeDisconnect('service')}`,
  upgrade: (names) => `Upgrade the service on ${names} to this build? What is merged stays merged.`,
  rollback: (names) => `Roll the service on ${names} back to the build before? What is merged stays merged.`,
  remove: (names) =>
    `Remove the service from ${names}? Its policy ends and every setting is put back; merged pages stay merged.`,
}

/** `service`: asks before it changes anything. Returns the exit code. */
export async function runService(command: CommandOf<'service'>, tools: CommandTools): Promise<number> {
  const { act, hosts, json, yes, policyPath, replace } = command
  const policy = policyPath === undefined ? undefined : readPolicyFile(policyPath)
  if (act !== 'status') await confirm(questions[act](hosts.join(', ')), yes, tools)
  const { fleet, handlers } = tools.workbench
  const targets = await findTargets(fleet, hosts, act !== 'status')
  const work = ({ hostId }: Target, context: CallContext) =>
    act === 'install'
      ? handlers['service/install']({ hostId, replace, ...withValue({ policy }) }, context)
      : handlers[`service/${act}`]({ hostId }, context)
  return finish<ServiceStatus>(await onEachHost(fleet, targets, work, tools), json, describeService, tools)
}
