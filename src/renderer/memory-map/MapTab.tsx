// The memory map of a host: taken when asked for, looked at from the whole host down to single pages, and laid over the one
// before.
import { Checkbox, Slider } from '@mantine/core'
import { IconMap2 } from '@tabler/icons-react'
import { useState } from 'react'
import { type HostView, type MemoryMap, shownTime } from '../../shared/contract/index.ts'
import { formatBytes, formatSeconds } from '../../shared/units.ts'
import { useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { formatMoment } from '../ui/moments.ts'
import { Panel } from '../ui/Panel.tsx'
import { useAct } from '../ui/use-act.ts'
import { sessionOf, useHeldMaps } from './held-maps.ts'
import { MapField } from './MapField.tsx'
import { MapLegend } from './MapLegend.tsx'
import classes from './memory-map.module.css'

export function MapTab({ view }: { readonly view: HostView }) {
  const store = useStore()
  const { busy, run } = useAct()
  const session = sessionOf(view)
  const [maps, setMaps] = useHeldMaps(session)
  const [contents, setContents] = useState(true)
  const [split, setSplit] = useState(0)
  const hostId = view.host.id
  const newest = maps.at(-1)
  const before = maps.length > 1 ? maps[0] : undefined
  const take = () =>
    run('Map memory', async () => {
      const map = await store.call('map/take', { hostId, contents })
      setMaps(map)
    })
  return (
    <Panel
      title="Memory map"
      aside={
        <MapTools
          {...{ contents, setContents, busy, take }}
          again={newest !== undefined}
          connected={view.connection.state === 'connected'}
        />
      }
      testId="memory-map"
      {...(newest && { note: noteOf(newest) })}
    >
      {!newest && (
        <p className={classes.hint}>
          A map shows each page of guests’ RAM and of images in the page cache by its state. Taking it reads
          guest RAM, as an assessment does, and changes nothing. Without contents it takes seconds, however
          large the host is.
          {view.connection.state !== 'connected' &&
            ' The helper forgets its maps when the connection ends: connect the host to take one.'}
        </p>
      )}
      {newest && (
        <>
          <MapLegend map={newest} assessment={view.assessment} />
          {before && <BeforeAndAfter {...{ before, after: newest, split, setSplit }} />}
          <MapField hostId={hostId} map={newest} before={before} split={split / 100} />
        </>
      )}
    </Panel>
  )
}

interface BeforeAndAfterProps {
  readonly before: MemoryMap
  readonly after: MemoryMap
  readonly split: number
  readonly setSplit: (split: number) => void
}

function BeforeAndAfter({ before, after, split, setSplit }: BeforeAndAfterProps) {
  return (
    <div className={classes.slider}>
      <span>before, {formatMoment(shownTime(before))}</span>
      <Slider
        min={0}
        max={100}
        value={split}
        onChange={setSplit}
        label={null}
        thumbLabel="Share of the width that shows the map before"
        className={classes.track ?? ''}
      />
      <span>after, {formatMoment(shownTime(after))}</span>
    </div>
  )
}

interface MapToolsProps {
  readonly contents: boolean
  readonly setContents: (contents: boolean) => void
  readonly busy: boolean
  readonly take: () => void
  readonly again: boolean
  readonly connected: boolean
}

function MapTools({ contents, setContents, busy, take, again, connected }: MapToolsProps) {
  return (
    <span className={classes.tools}>
      <Checkbox
        size="xs"
        label="Compare contents"
        checked={contents}
        onChange={({ currentTarget }) => setContents(currentTarget.checked)}
      />
      <ActButton
        icon={IconMap2}
        busy={busy}
        refusal={connected ? undefined : 'Connect the host first.'}
        onClick={take}
        testId="map-take"
      >
        {again ? 'Take another' : 'Take a map'}
      </ActButton>
    </span>
  )
}

function noteOf(map: MemoryMap): string {
  const { cost, contents } = map
  const how = contents ? `compared ${formatBytes(cost.hashedBytes)}` : 'contents not compared'
  return `taken ${formatMoment(shownTime(map))}, ${how}, in ${formatSeconds(cost.wallSeconds)}`
}
