// The methods of the desktop contract about a host's service.
import type { DesktopContract, ServiceInstall } from '../../shared/contract/index.ts'
import type { CallContext, Handlers } from '../../shared/rpc.ts'
import type { Fleet } from '../hosts/fleet.ts'

/** Installs, changes and removes the service of a host. What runs there may have changed hands: it is asked again after each. */
export function serviceHandlers({ fleet }: { readonly fleet: Fleet }) {
  const act = async (
    hostId: string,
    [title, method]: readonly [
      string,
      'service/install' | 'service/upgrade' | 'service/rollback' | 'service/remove',
    ],
    params: ServiceInstall,
    context: CallContext,
  ) => {
    const status = await fleet.act({ hostId, kind: 'policy', title }, method, params, context)
    await fleet.find(hostId).askPolicy()
    return status
  }
  return {
    'service/status': ({ hostId }, { signal }) =>
      fleet.find(hostId).session.call('service/status', {}, { signal, timeoutMs: 20_000 }),
    'service/install': ({ hostId, ...params }, context) =>
      act(hostId, ['Install the service', 'service/install'], params, context),
    'service/upgrade': ({ hostId }, context) =>
      act(hostId, ['Upgrade the service', 'service/upgrade'], {}, context),
    'service/rollback': ({ hostId }, context) =>
      act(hostId, ['Roll the service back', 'service/rollback'], {}, context),
    'service/remove': ({ hostId }, context) =>
      act(hostId, ['Remove the service', 'service/remove'], {}, context),
  } satisfies Partial<Handlers<DesktopContract>>
}
