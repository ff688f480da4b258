// The service of a host: how it stands, and installing, upgrading, rolling back and removing it.

import { type Icon, IconArrowBackUp, IconPlayerPlay, IconRefresh, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { HostView, ServiceAct, ServiceStatus } from '../../shared/contract/index.ts'
import type { Policy } from '../../shared/contract/policies.ts'
import type { ProblemData } from '../../shared/problem.ts'
import { describeService } from '../../shared/text/service-text.ts'
import { withValue } from '../../shared/with-value.ts'
import { whyNoChange } from '../model/host-acts.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { useAct } from '../ui/use-act.ts'
import classes from './policies.module.css'
import { ReplaceOffer } from './ReplaceOffer.tsx'
import { refusedForOther } from './replace-policy.ts'
import { explainAct, offeredActs } from './service-acts.ts'

interface ServiceSectionProps {
  readonly view: HostView
  readonly status: ServiceStatus
  /** What this session runs, which the service then goes on with. */
  readonly policy: Policy | undefined
  readonly onChanged: (status: ServiceStatus) => void
}

const acts: Readonly<Record<ServiceAct, { icon: Icon; label: string; title: string }>> = {
  install: { icon: IconPlayerPlay, label: 'Install the service', title: 'Install the service on' },
  upgrade: { icon: IconRefresh, label: 'Upgrade to this build', title: 'Upgrade the service on' },
  rollback: { icon: IconArrowBackUp, label: 'Roll back', title: 'Roll back the service on' },
  remove: { icon: IconTrash, label: 'Remove the service', title: 'Remove the service from' },
}

export function ServiceSection({ view, status, policy, onChanged }: ServiceSectionProps) {
  const [asking, setAsking] = useState<ServiceAct>()
  const hostId = view.host.id
  const { refused, change } = useServiceChange(hostId, policy, onChanged)
  const switching = useFleet((fleet) => fleet.switching.includes(hostId))
  const busy = view.tasks.some(({ kind }) => kind === 'policy')
  const refusal = whyNoChange(view, switching)
  return (
    <section className={classes.service} data-testid="service">
      <h3 className={classes.heading}>Service</h3>
      <p className={classes.note} data-testid="service-state">
        {describeService(status).replaceAll('\n', '; ')}
      </p>
      <div className={classes.acts}>
        {offeredActs(status).map((act) => (
          <ActButton
            key={act}
            testId={`service-${act}`}
            icon={acts[act].icon}
            busy={busy}
            refusal={refusal}
            onClick={() => setAsking(act)}
          >
            {acts[act].label}…
          </ActButton>
        ))}
      </div>
      {refused && policy && (
        <ReplaceOffer
          hostName={view.host.name}
          problem={refused}
          busy={busy}
          refusal={refusal}
          onReplace={() => change('install', true)}
        />
      )}
      {asking && (
        <ConfirmDialog
          opened
          title={`${acts[asking].title} ${view.host.name}?`}
          confirmLabel={acts[asking].label}
          danger={asking === 'remove'}
          onClose={() => setAsking(undefined)}
          onConfirm={() => change(asking)}
        >
          {explainAct(asking, policy)}
        </ConfirmDialog>
      )}
    </section>
  )
}

/** Changes the service; `refused`: why it was not installed, where the host has another policy file. */
function useServiceChange(
  hostId: string,
  policy: Policy | undefined,
  onChanged: (status: ServiceStatus) => void,
) {
  const store = useStore()
  const { run } = useAct()
  const [refused, setRefused] = useState<ProblemData>()
  const change = (act: ServiceAct, replace = false) =>
    run(acts[act].label, async () => {
      setRefused(undefined)
      const order = async () =>
        onChanged(
          act === 'install'
            ? await store.call('service/install', { hostId, ...withValue({ policy }), replace })
            : await store.call(`service/${act}`, { hostId }),
        )
      setRefused(await refusedForOther(order))
    })
  return { refused, change }
}
