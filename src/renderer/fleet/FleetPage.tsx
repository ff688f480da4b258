import { Button, Skeleton } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useCallback, useMemo, useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import type { AddWay } from '../add-hosts/AddHostDialog.tsx'
import { RunningExperiments } from '../experiments/RunningExperiments.tsx'
import { type FleetFigures, figuresOf, filterHosts, tagsOf } from '../model/fleet-figures.ts'
import { linkTo, type Route, showInstead } from '../model/route.ts'
import { RunningRollouts } from '../policies/RunningRollouts.tsx'
import { ExportMenu } from '../reports/ExportMenu.tsx'
import { useFleet } from '../store/use-fleet.ts'
import { later } from '../ui/later.tsx'
import { Panel } from '../ui/Panel.tsx'
import panel from '../ui/panel.module.css'
import { TaskLine } from '../ui/TaskLine.tsx'
import tile from '../ui/tile.module.css'
import { AttentionPanel } from './AttentionPanel.tsx'
import { BulkBar } from './BulkBar.tsx'
import { BulkPanel } from './BulkPanel.tsx'
import { EmptyFleet } from './EmptyFleet.tsx'
import classes from './FleetPage.module.css'
import { FleetSummary } from './FleetSummary.tsx'
import { FleetTable } from './FleetTable.tsx'
import { FleetTools } from './FleetTools.tsx'
import { type FleetShown, queryOf, shownFrom } from './fleet-shown.ts'
import { useBulk } from './use-bulk.ts'

const AddHostDialog = later(
  async () => (await import('../add-hosts/AddHostDialog.tsx')).AddHostDialog,
  ({ way }) => way !== undefined,
)

export function FleetPage({ route }: { readonly route: Route }) {
  const views = useFleet(({ hosts }) => hosts)
  const [way, setWay] = useState<AddWay>()
  return (
    <main className="page">
      <h1 className="sr-only">Fleet</h1>
      {!views && <FleetSkeleton />}
      {views?.length === 0 && <EmptyFleet onAdd={setWay} />}
      {views && views.length > 0 && <Fleet views={views} route={route} onAdd={setWay} />}
      <AddHostDialog way={way} onWay={setWay} />
    </main>
  )
}

interface FleetProps {
  readonly views: readonly HostView[]
  readonly route: Route
  readonly onAdd: (way: AddWay) => void
}

function Fleet({ views, route, onAdd }: FleetProps) {
  const shownAs = useMemo(() => shownFrom(route.query), [route.query])
  const { text, tag } = shownAs
  const show = useCallback(
    (change: Partial<FleetShown>) =>
      showInstead(linkTo('fleet', { query: queryOf({ ...shownFrom(route.query), ...change }) })),
    [route.query],
  )
  const bulk = useBulk()
  const figures = useMemo(() => figuresOf(views), [views])
  const shown = useMemo(() => filterHosts(views, text, tag), [views, text, tag])
  const selection = useSelection(shown)
  const { chosen } = selection
  const isAll = shown.length === views.length
  const shownFigures = useMemo(() => (shown === views ? figures : figuresOf(shown)), [shown, views, figures])
  const tools = useTools({ views, shown, chosen, shownAs, show, onAdd })
  return (
    <>
      <FleetSummary figures={figures} />
      <AttentionPanel views={views} />
      <RunningPanel figures={figures} />
      <RunningRollouts />
      <RunningExperiments />
      {bulk.run && <BulkPanel run={bulk.run} bulk={bulk} views={views} />}
      <Panel
        title="Hosts"
        note={isAll ? undefined : `${shown.length} of ${views.length}`}
        aside={tools}
        flush
      >
        {chosen.length > 0 && (
          <BulkBar
            chosen={chosen}
            busy={bulk.run !== undefined && !bulk.run.isOver}
            onStart={(act) => bulk.start(act, chosen)}
            onClear={selection.clear}
          />
        )}
        <FleetTable
          views={shown}
          figures={shownFigures}
          selected={selection.selected}
          onSelect={selection.toggle}
          onSelectAll={selection.toggleAll}
          shown={shownAs}
          onShow={show}
        />
      </Panel>
    </>
  )
}

interface ToolsParts extends Pick<FleetProps, 'views' | 'onAdd'> {
  readonly shown: readonly HostView[]
  readonly chosen: readonly HostView[]
  readonly shownAs: FleetShown
  readonly show: (change: Partial<FleetShown>) => void
}

/** Of names and tags, not of figures: the same element while these stay what they are. */
function useTools({ views, shown, chosen, shownAs, show, onAdd }: ToolsParts) {
  const hasChosen = chosen.length > 0
  const named = hasChosen ? `${chosen.length} selected` : `${shown.length} shown`
  const subject = !hasChosen && shown.length === views.length ? 'all hosts' : named
  const ids = JSON.stringify((hasChosen ? chosen : shown).map(({ host }) => host.id))
  const tags = JSON.stringify(tagsOf(views))
  return useMemo(
    () => (
      <FleetTools tags={JSON.parse(tags)} shown={shownAs} onShow={show}>
        <ExportMenu hostIds={JSON.parse(ids)} subject={subject} />
        <Button size="xs" leftSection={<IconPlus size={15} />} onClick={() => onAdd('address')}>
          Add host
        </Button>
      </FleetTools>
    ),
    [ids, tags, subject, shownAs, show, onAdd],
  )
}

/** Of the hosts that are shown; what is selected and filtered out stays selected. */
function useSelection(shown: readonly HostView[]) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const chosen = shown.filter(({ host }) => selected.has(host.id))
  const toggle = useCallback(
    (hostId: string) =>
      setSelected(
        (before) =>
          new Set(before.has(hostId) ? [...before].filter((id) => id !== hostId) : [...before, hostId]),
      ),
    [],
  )
  const clear = useCallback(() => setSelected(new Set()), [])
  const areAll = chosen.length === shown.length
  const toggleAll = () =>
    setSelected(areAll ? new Set() : new Set([...selected, ...shown.map(({ host }) => host.id)]))
  return { selected, chosen, toggle, toggleAll, clear }
}

function RunningPanel({ figures }: { readonly figures: FleetFigures }) {
  if (figures.tasks.length === 0) return null
  const hidden = figures.tasks.length - maxTasks
  return (
    <section
      className={`${panel.panel} ${panel.body} ${classes.tasks}`}
      aria-label="Running"
      data-testid="running"
    >
      {figures.tasks.slice(0, maxTasks).map(({ task, view }) => (
        <TaskLine key={task.id} task={task} where={view.host.name} />
      ))}
      {hidden > 0 && <span className="cell-sub">and {hidden} more</span>}
    </section>
  )
}

/** An act on many hosts must not push the table off the screen. */
const maxTasks = 4

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
