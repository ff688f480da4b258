import { Button, Select, Skeleton, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useMemo, useRef, useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { AddHostDialog, type AddWay } from '../add-hosts/AddHostDialog.tsx'
import { ExportMenu } from '../reports/ExportMenu.tsx'
import { useFleet } from '../store/use-fleet.ts'
import { Panel } from '../ui/Panel.tsx'
import { TaskLine } from '../ui/TaskLine.tsx'
import { AttentionPanel } from './AttentionPanel.tsx'
import { EmptyFleet } from './EmptyFleet.tsx'
import { FleetSummary } from './FleetSummary.tsx'
import { FleetTable } from './FleetTable.tsx'
import { type FleetFigures, figuresOf, filterHosts, tagsOf } from './fleet-figures.ts'

export function FleetPage() {
  const views = useFleet(({ hosts }) => hosts)
  const [way, setWay] = useState<AddWay>()
  return (
    <main className="page">
      <h1 style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}>
        Fleet
      </h1>
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
  const [text, setText] = useState('')
  const [tag, setTag] = useState<string | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const figures = useMemo(() => figuresOf(views), [views])
  const shown = useMemo(() => filterHosts(views, text, tag), [views, text, tag])
  const search = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => search.current?.focus()]])
  const chosen = shown.filter(({ host }) => selected.has(host.id))
  const subject =
    chosen.length > 0
      ? `${chosen.length} selected`
      : shown.length === views.length
        ? 'all hosts'
        : `${shown.length} shown`
  const toggle = (hostId: string) =>
    setSelected(
      (before) =>
        new Set(before.has(hostId) ? [...before].filter((id) => id !== hostId) : [...before, hostId]),
    )
  const tools = (
    <>
      <TextInput
        ref={search}
        size="xs"
        w={220}
        aria-label="Filter hosts"
        placeholder="Filter   /"
        leftSection={<IconSearch size={14} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {tagsOf(views).length > 0 && (
        <Select
          size="xs"
          w={130}
          aria-label="Tag"
          placeholder="Any tag"
          clearable
          data={tagsOf(views)}
          value={tag}
          onChange={setTag}
        />
      )}
      <ExportMenu
        hostIds={(chosen.length > 0 ? chosen : shown).map(({ host }) => host.id)}
        subject={subject}
      />
      <Button size="xs" leftSection={<IconPlus size={15} />} onClick={onAdd}>
        Add host
      </Button>
    </>
  )
  return (
    <>
      <FleetSummary figures={figures} />
      <AttentionPanel views={figures.trouble} />
      <RunningPanel figures={figures} />
      <Panel
        title="Hosts"
        note={shown.length === views.length ? undefined : `${shown.length} of ${views.length}`}
        aside={tools}
        flush
      >
        <FleetTable views={shown} selected={selected} onSelect={toggle} />
      </Panel>
    </>
  )
}

function RunningPanel({ figures }: { readonly figures: FleetFigures }) {
  if (figures.tasks.length === 0) return null
  return (
    <section
      className="panel panel-body"
      aria-label="Running"
      data-testid="running"
      style={{ display: 'grid', gap: 8 }}
    >
      {figures.tasks.map(({ task, view }) => (
        <TaskLine key={task.id} task={task} where={view.host.name} />
      ))}
    </section>
  )
}

function FleetSkeleton() {
  return (
    <div role="status" aria-label="Loading the fleet" style={{ display: 'grid', gap: 12 }}>
      <div className="tiles">
        {['hosts', 'reclaimable', 'reclaimed', 'double', 'running'].map((tile) => (
          <Skeleton key={tile} height={84} />
        ))}
      </div>
      <Skeleton height={280} />
    </div>
  )
}
