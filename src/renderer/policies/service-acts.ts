// What can be done with the service of a host, and what is said before it is done. Pure.
import type { ServiceAct, ServiceStatus } from '../../shared/contract/index.ts'
import type { Policy } from '../../shared/contract/policies.ts'
import { describeDisconnect } from '../../shared/text/service-text.ts'

export function offeredActs({ state, isThisBuild, previous }: ServiceStatus): readonly ServiceAct[] {
  if (state === 'unsupported') return []
  if (state === 'absent') return ['install']
  return [
    ...(isThisBuild ? [] : (['upgrade'] as const)),
    ...(previous === undefined ? [] : (['rollback'] as const)),
    'remove',
  ]
}

export function explainAct(act: ServiceAct, policy: Policy | undefined): string {
  if (act === 'remove')
    return 'Its policy ends and every setting is put back as it was. Merged pages stay merged, and the audit stays.'
  if (act !== 'install')
    return 'What is merged stays merged. If the other build does not start, this one runs again.'
  const runs =
    policy === undefined
      ? 'It waits until a policy is started here.'
      : `It goes on with the policy of this session (scrub ${policy.scrub.mode}, KSM ${policy.ksm.mode}), and puts nothing back in between.`
  return `A unit of systemd then changes this host while nobody is connected. ${runs} ${describeDisconnect('service')}`
}
