import { Button, Menu, Tooltip } from '@mantine/core'
import { IconChevronDown, IconStack2 } from '@tabler/icons-react'
import { useState } from 'react'
import type { HostView, KsmStart, KsmStatus } from '../../shared/contract/index.ts'
import { describeKsmBurst } from '../../shared/text/burst-text.ts'
import { formatBytes } from '../../shared/units.ts'
import { whyNoChange } from '../model/host-acts.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { formatMoment } from '../ui/moments.ts'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'
import { KsmStartDialog } from './KsmStartDialog.tsx'
import { type KsmAct, type KsmActId, ksmActs } from './ksm-acts.tsx'

export function KsmMenu({ view }: { readonly view: HostView }) {
  const [asked, setAsked] = useState<KsmActId | 'start'>()
  const { send, busy } = useKsmRequests(view)
  const switching = useFleet((fleet) => fleet.switching.includes(view.host.id))
  const refusal = whyNoChange(view, switching)
  const ksm = view.latest?.ksm
  const act = ksmActs.find(({ id }) => id === asked)
  return (
    <>
      <Menu position="bottom-start" transitionProps={{ duration: 0 }} disabled={refusal !== undefined}>
        <Menu.Target>
          <Tooltip label={refusal} disabled={refusal === undefined}>
            <Button
              size="xs"
              variant="default"
              data-testid="ksm"
              loading={busy}
              leftSection={<IconStack2 size={15} />}
              rightSection={<IconChevronDown size={13} />}
              {...(refusal !== undefined && { 'data-disabled': true, 'aria-disabled': true })}
            >
              KSM
            </Button>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          {ksm && <Menu.Label data-testid="ksm-status">{statusLine(ksm)}</Menu.Label>}
          <Menu.Item onClick={() => setAsked('start')}>Start…</Menu.Item>
          {ksmActs.map(({ id, label, danger }) => (
            <Menu.Item key={id} {...(danger && { color: 'var(--wb-bad)' })} onClick={() => setAsked(id)}>
              {label}…
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <KsmStartDialog
        view={view}
        opened={asked === 'start'}
        onClose={() => setAsked(undefined)}
        onConfirm={(rate) => send({ method: 'ksm/start', title: 'KSM started', rate })}
      />
      {act && (
        <ConfirmDialog
          opened
          title={`${act.question} on ${view.host.name}?`}
          confirmLabel={act.label}
          danger={act.danger}
          isNeedless={act.isNeedless?.(view) ?? false}
          onClose={() => setAsked(undefined)}
          onConfirm={() => send(act)}
        >
          {act.explain(view)}
        </ConfirmDialog>
      )}
    </>
  )
}

type KsmRequest = KsmAct | { readonly method: 'ksm/start'; readonly title: string; readonly rate: KsmStart }

function useKsmRequests({ host, tasks }: HostView) {
  const store = useStore()
  const { busy, run } = useAct()
  const send = (request: KsmRequest) =>
    run('KSM', async () => {
      const rate = 'rate' in request ? request.rate : {}
      const status = await store.call(request.method, { hostId: host.id, ...rate })
      const merged = `Merged now: ${formatBytes(status.mergedBytes)}.`
      if (status.burst?.state === 'not-worth-it')
        toastResult('KSM not started', describeKsmBurst(status.burst))
      else toastResult(request.title, merged)
    })
  return { send, busy: busy || tasks.some(({ kind }) => kind === 'ksm') }
}

function statusLine({ settings, mergedBytes, journaledSince, burst }: KsmStatus): string {
  const state = settings.run === 1 ? 'Scanning' : settings.run === 2 ? 'Unmerging' : 'Not scanning'
  const how = burst === undefined ? '' : `: ${describeKsmBurst(burst)}`
  const journal =
    journaledSince === undefined ? '' : `, original settings saved at ${formatMoment(journaledSince)}`
  return `${state}${how}. ${formatBytes(mergedBytes)} merged${journal}`
}
