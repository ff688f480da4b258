import { Button, Skeleton } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useCallback, useMemo, useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { AddHostDialog, type AddWay } from '../add-hosts/AddHostDialog.tsx'
import { type FleetFigures, figuresOf, filterHosts } from '../model/fleet-figures.ts'
import { RunningRollouts } from '../policies/RunningRollouts.tsx'
import { ExportMenu } from '../reports/ExportMenu.tsx'
import { useFleet } from '../store/use-fleet.ts'
import { Panel } from '../ui/Panel.tsx'
import panel from '../ui/panel.module.css'
import { TaskLine } from '../ui/TaskLine.tsx'
import tile from '../ui/tile.module.css'
import { AttentionPanel } from './AttentionPanel.tsx'
import { EmptyFleet } from './EmptyFleet.tsx'
import classes from './FleetPage.module.css'
import { FleetSummary } from './FleetSummary.tsx'
import { FleetTable } from './FleetTable.tsx'
import { type FleetFilter, FleetTools } from './FleetTools.tsx'

export function FleetPage() {
  const views = useFleet(({ hosts }) => hosts)
  const [way, setWay] = useState<AddWay>()
  return (
    <main className="page">
      <h1 className="sr-only">Fleet</h1>
      {!views && <FleetSkeleton />}
      {views?.length === 0 && <EmptyFleet onAdd={setWay} />}
      {views && views.length > 0 && <Fleet views={views} onAdd={() => setWay('address')} />}
      <AddHostDialog way={way} onWay={setWay} />
    </main>
  )
}

interface FleetProps {
  readonly views: readonly HostView[]
  readonly onAdd: () => void
}

function Fleet({ views, onAdd }: FleetProps) {
  const [filter, setFilter] = useState<FleetFilter>({ text: '', tag: null, grouped: false })
  const { text, tag, grouped } = filter
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const figures = useMemo(() => figuresOf(views), [views])
  const shown = useMemo(() => filterHosts(views, text, tag), [views, text, tag])
  const chosen = shown.filter(({ host }) => selected.has(host.id))
  const subject =
    chosen.length > 0
      ? `${chosen.length} selected`
      : shown.length === views.length
        ? 'all hosts'
        : `${shown.length} shown`
  const toggle = useCallback(
    (hostId: string) =>
      setSelected(
        (before) =>
          new Set(before.has(hostId) ? [...before].filter((id) => id !== hostId) : [...before, hostId]),
      ),
    [],
  )
  return (
    <>
      <FleetSummary figures={figures} />
      <AttentionPanel views={figures.trouble} />
      <RunningPanel figures={figures} />
      <RunningRollouts />
      <Panel
        title="Hosts"
        note={shown.length === views.length ? undefined : `${shown.length} of ${views.length}`}
        aside={
          <FleetTools views={views} filter={filter} onFilter={setFilter}>
            <ExportMenu
              hostIds={(chosen.length > 0 ? chosen : shown).map(({ host }) => host.id)}
              subject={subject}
            />
            <Button size="xs" leftSection={<IconPlus size={15} />} onClick={onAdd}>
              Add host
            </Button>
          </FleetTools>
        }
        flush
      >
        <FleetTable views={shown} selected={selected} onSelect={toggle} grouped={grouped} />
      </Panel>
    </>
  )
}

function RunningPanel({ figures }: { readonly figures: FleetFigures }) {
  if (figures.tasks.length === 0) return null
  return (
    <section
      className={`${panel.panel} ${panel.body} ${classes.tasks}`}
      aria-label="Running"
      data-testid="running"
    >
      {figures.tasks.map(({ task, view }) => (
        <TaskLine key={task.id} task={task} where={view.host.name} />
      ))}
    </section>
  )
}

function FleetSkeleton() {
  return (
    <div role="status" aria-label="Loading the fleet" className={classes.loading}>
      <div className={tile.tiles}>
        {['hosts', 'reclaimable', 'reclaimed', 'double', 'running'].map((tile) => (
          <Skeleton key={tile} height={84} />
        ))}
      </div>
      <Skeleton height={280} />
    </div>
  )
}
