// `hosts uninstall`: says what goes and what stays, and asks before it.
import { asProblem } from '../../shared/problem.ts'
import { describeUninstalled } from '../../shared/text/uninstalled-text.ts'
import { type CommandOf, type CommandTools, confirm } from './command-tools.ts'
import { findTargets } from './each-host.ts'
import { describeProblem } from './terminal.ts'

/** One host after the other; answers with the exit code. */
export async function uninstall(
  { hosts, yes }: CommandOf<'uninstall'>,
  tools: CommandTools,
): Promise<number> {
  const { workbench, terminal, signal } = tools
  const { fleet, handlers } = workbench
  const stays =
    'Its audit and saved original KSM settings stay; merged pages stay merged. Hosts with the service are refused: remove it first.'
  await confirm(`Uninstall the helper from ${hosts.join(', ')}? ${stays}`, yes, tools)
  const context = { signal, reportProgress: ({ step }: { step: string }) => terminal.showProgress(step) }
  let failed = false
  for (const { hostId, address } of await findTargets(fleet, hosts, false)) {
    try {
      const result = await handlers['hosts/uninstall']({ hostId }, context)
      terminal.print(`${address}: ${describeUninstalled(result)}`)
    } catch (error) {
      failed = true
      terminal.warn(`${address}: ${describeProblem(asProblem(error).toData())}`)
    }
  }
  return failed ? 1 : 0
}
