import { Button } from '@mantine/core'
import { useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { describeUninstalled } from '../../shared/text/uninstalled-text.ts'
import { useStore } from '../store/use-fleet.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { formatMoment } from '../ui/moments.ts'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'

/** Takes the helper off the host again, and says before it what goes and what stays. */
export function UninstallButton({ view }: { readonly view: HostView }) {
  const store = useStore()
  const { busy, run } = useAct()
  const [asking, setAsking] = useState(false)
  const { id, name } = view.host
  const uninstall = () =>
    run('Uninstall', async () => {
      const uninstalled = await store.call('hosts/uninstall', { hostId: id })
      toastResult(`Uninstalled from ${name}`, describeUninstalled(uninstalled))
    })
  return (
    <>
      <Button
        size="xs"
        variant="default"
        loading={busy}
        disabled={view.tasks.length > 0}
        data-testid="uninstall"
        onClick={() => setAsking(true)}
      >
        Uninstall…
      </Button>
      <ConfirmDialog
        opened={asking}
        title={`Uninstall the helper from ${name}?`}
        confirmLabel="Uninstall"
        danger
        onClose={() => setAsking(false)}
        onConfirm={uninstall}
      >
        <UninstallText view={view} />
      </ConfirmDialog>
    </>
  )
}

function UninstallText({ view }: { readonly view: HostView }) {
  const journaledSince = view.latest?.ksm?.journaledSince
  return (
    <>
      {view.policy?.mode === 'session' && (
        <p>
          <b>A policy runs in this session.</b> It ends, and every setting that it changed is put back.
        </p>
      )}
      Removed: all versions of the helper in <code>~/.cache/singleton-workbench</code>,{' '}
      <code>/var/tmp/singleton-workbench-UID</code> and <code>/tmp/singleton-workbench-UID</code>, and root’s
      copies where sudo needs no password. This workbench disconnects first, which ends its session and
      everything that runs in it.
      <p>
        Kept: the audit of changes and the saved original KSM settings in{' '}
        <code>/var/lib/singleton-helper</code>; pages that are merged stay merged; the host stays in the list
        with its history. Connecting again installs the helper again.
      </p>
      <p>
        Refused while the service is installed on the host: remove it first, in the Policy tab (“Remove the
        service…”).
      </p>
      {journaledSince !== undefined && view.policy === undefined && (
        <p>
          <b>KSM on this host runs with changed settings</b> (original settings saved at{' '}
          {formatMoment(journaledSince)}). To put the original ones back, cancel and choose KSM → Restore
          settings first.
        </p>
      )}
    </>
  )
}
