// The buttons of a host. Each change asks first and says what will happen; main refuses it again in observe mode.
import { Group } from '@mantine/core'
import { IconEraser, IconListSearch, IconZoomCheck } from '@tabler/icons-react'
import { useState } from 'react'
import type { HostView, ScrubResult } from '../../shared/contract/index.ts'
import { formatBytes, formatSeconds } from '../../shared/units.ts'
import { KsmMenu } from '../ksm/KsmMenu.tsx'
import { whyNoChange, whyNotNow } from '../model/host-acts.ts'
import { ScrubDialog } from '../page-cache/ScrubDialog.tsx'
import { ExportMenu } from '../reports/ExportMenu.tsx'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'

interface HostActionsProps {
  readonly view: HostView
  /** A dry run begins. */
  readonly onPlanning: () => void
  readonly onPlan: (plan: ScrubResult) => void
}

export function HostActions({ view, onPlanning, onPlan }: HostActionsProps) {
  const [scrubbing, setScrubbing] = useState(false)
  const hostId = view.host.id
  const switching = useFleet((fleet) => fleet.switching.includes(hostId))
  const running = new Set(view.tasks.map(({ kind }) => kind))
  const { assess, plan, scrub } = useHostActs({ view, onPlanning, onPlan })
  return (
    <Group gap="xs">
      <ActButton
        testId="assess"
        icon={IconZoomCheck}
        filled
        busy={running.has('assess')}
        refusal={whyNotNow(view, switching)}
        onClick={assess}
      >
        Assess
      </ActButton>
      <ActButton
        testId="plan"
        icon={IconListSearch}
        busy={running.has('plan')}
        refusal={whyNotNow(view, switching)}
        onClick={plan}
      >
        Plan a scrub
      </ActButton>
      <ActButton
        testId="scrub"
        icon={IconEraser}
        busy={running.has('scrub')}
        refusal={whyNoChange(view, switching)}
        onClick={() => setScrubbing(true)}
      >
        Scrub…
      </ActButton>
      <KsmMenu view={view} />
      <ExportMenu hostIds={[hostId]} subject={view.host.name} />
      <ScrubDialog view={view} opened={scrubbing} onClose={() => setScrubbing(false)} onConfirm={scrub} />
    </Group>
  )
}

/** What the buttons do: each shows its result as a toast, and what failed as a notice. */
function useHostActs({ view, onPlanning, onPlan }: HostActionsProps) {
  const store = useStore()
  const { run } = useAct()
  const hostId = view.host.id
  const assess = () =>
    run('Assess', async () => {
      const { totals, cost } = await store.call('assess', { hostId })
      const { reclaimableBytes, mergeableBytes, doubleCachedBytes } = totals
      toastResult(
        `${view.host.name} could give back ${formatBytes(reclaimableBytes)}`,
        `${formatBytes(mergeableBytes)} mergeable, ${formatBytes(doubleCachedBytes)} double cached. Took ${formatSeconds(cost.wallSeconds)}, ${formatSeconds(cost.cpuSeconds)} CPU.`,
      )
    })
  const plan = () => {
    onPlanning()
    run('Plan', async () => {
      const result = await store.call('page-cache/plan', { hostId })
      onPlan(result)
      toastResult(
        'Dry run: nothing was changed',
        `A scrub would evict ${formatBytes(result.totals.evictedBytes)}.`,
      )
    })
  }
  const scrub = (flushDirty: boolean) =>
    run('Scrub', async () => {
      const { totals, cost } = await store.call('page-cache/scrub', { hostId, flushDirty })
      toastResult(
        `Evicted ${formatBytes(totals.evictedBytes)}`,
        `Image cache ${formatBytes(totals.residentBeforeBytes)} → ${formatBytes(totals.residentAfterBytes)}; kept ${formatBytes(totals.keptDirtyBytes)} dirty and ${formatBytes(totals.keptUniqueBytes)} that no guest holds. ${formatSeconds(cost.cpuSeconds)} CPU.`,
      )
    })
  return { assess, plan, scrub }
}
