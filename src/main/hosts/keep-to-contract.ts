// One value that breaks the contract costs its host that value: a screen would refuse the whole list for it. Pure.
import { z } from 'zod'
import { type HostChange, hostChange } from '../../shared/contract/index.ts'
import { Problem } from '../../shared/problem.ts'

/** The change as it is, or without the values that break the contract and with a Problem that names them. */
export function keepToContract(change: HostChange): HostChange {
  const { error } = hostChange.safeParse(change)
  if (!error) return change
  const broken = [...new Set(error.issues.map(({ path }) => String(path[0])))]
  const whole = Object.entries(change).filter(([name]) => !broken.includes(name))
  const problem = new Problem(
    'internal',
    `cannot show ${broken.join(', ')} of ${change.host.name}: ${z.prettifyError(error).slice(0, 1000)}`,
  ).toData()
  const kept = { sparkline: [], tasks: [], ...Object.fromEntries(whole), problem }
  return hostChange.safeParse(kept).data ?? { ...bareChange(change), problem }
}

function bareChange({ host, connection: { since } }: HostChange): HostChange {
  return { host, connection: { state: 'disconnected', since }, sparkline: [], tasks: [] }
}
