// Takes the helper off a host again: ends this workbench's session there, removes what it installed, writes that down.

import type { Uninstalled } from '../../shared/contract/index.ts'
import type { CallContext } from '../../shared/rpc.ts'
import { describeUninstalled } from '../../shared/text/uninstalled-text.ts'
import { withValue } from '../../shared/with-value.ts'
import type { HostAudit } from '../audit/host-audit.ts'
import { serviceIsInstalled } from '../helper-link/deploy.ts'
import type { HelperLink, LinkOptions, uninstallHelperFrom } from '../helper-link/helper-link.ts'
import type { ConnectingSlots } from './connecting-slots.ts'
import type { FleetHost } from './fleet-host.ts'

const statusWithinMs = 20_000

export interface UninstallParts {
  readonly uninstall: typeof uninstallHelperFrom
  readonly environment: LinkOptions['environment']
  readonly slots: ConnectingSlots
  readonly ask: LinkOptions['ask']
  readonly audit: HostAudit
}

/**
 * The host stays disconnected: a new session would install the helper again. Rejects with the Problem that kept it from
 * being removed, which is in the audit as well.
 */
export async function uninstallHelper(
  { session, log }: FleetHost,
  parts: UninstallParts,
  { signal, reportProgress }: CallContext,
): Promise<Uninstalled> {
  const { uninstall, environment, slots, ask, audit } = parts
  const { host } = session
  await audit.checkWritable()
  const asked = { host, action: 'uninstall helper' }
  try {
    // The session stays where nothing will be removed: removing the service needs it.
    if (session.link !== undefined && (await hasService(session.link, signal)))
      throw serviceIsInstalled(host.name)
    session.disconnect()
    const result = await slots.run(signal, (outside) =>
      uninstall({
        address: host.address,
        readOnly: true,
        environment,
        signal,
        ask: (question, withdrawn) => outside(() => ask(question, withdrawn)),
        onStep: (step) => reportProgress({ step: step.slice(0, 256) }),
        onLog: log.write,
      }),
    )
    const target = result.removed.join(', ')
    await audit.record([
      { ...asked, ...withValue({ target: target || undefined }), outcome: describeUninstalled(result) },
    ])
    log.write('info', `uninstalled the helper: ${describeUninstalled(result)}`)
    return result
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    await audit.record([{ ...asked, outcome: `failed: ${reason}` }])
    log.write('error', `cannot uninstall the helper: ${reason}`)
    throw error
  }
}

/** A helper that does not answer is uninstalled all the same: the host's shell looks for the unit again. */
async function hasService(link: HelperLink, signal: AbortSignal): Promise<boolean> {
  const known = await link
    .call('service/status', {}, { signal, timeoutMs: statusWithinMs })
    .catch(() => undefined)
  return known !== undefined && known.state !== 'absent' && known.state !== 'unsupported'
}
