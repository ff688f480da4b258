import { formatBytes } from '../../shared/units.ts'
import type { FleetFigures, Total } from '../model/fleet-figures.ts'
import panel from '../ui/panel.module.css'
import tile from '../ui/tile.module.css'

interface TileProps {
  readonly label: string
  readonly value: string
  readonly note: string
  readonly color: string
  readonly testId: string
}

function Tile({ label, value, note, color, testId }: TileProps) {
  return (
    <div className={`${panel.panel} ${tile.tile}`} style={{ borderLeftColor: color }} data-testid={testId}>
      <div className={tile.label}>{label}</div>
      <div className={tile.value}>{value}</div>
      <div className={tile.note} title={note}>
        {note}
      </div>
    </div>
  )
}

/** Worst news first: hosts, what could be won, what has been won, what is cached twice, what runs. */
export function FleetSummary({ figures }: { readonly figures: FleetFigures }) {
  const { hosts, machines, up, down, reclaimable, mergeable, doubleCached, reclaimed, imageCache, tasks } =
    figures
  const [task] = tasks
  return (
    <section className={tile.tiles} aria-label="Fleet in figures">
      <Tile
        label="Hosts"
        value={down > 0 ? `${down} of ${hosts} down` : `${up} of ${hosts} up`}
        note={`${down > 0 ? `${up} connected` : up === hosts ? 'all connected' : `${hosts - up} not connected`}${on(machines, hosts)}`}
        color={down > 0 ? 'var(--wb-bad)' : 'var(--wb-good)'}
        testId="tile-hosts"
      />
      <Tile
        label="Reclaimable"
        value={bytesOr(reclaimable, 'not assessed')}
        note={
          reclaimable.hosts === 0
            ? 'assess a host to find out'
            : `${formatBytes(mergeable.bytes)} mergeable + ${formatBytes(doubleCached.bytes)} double cached${of(reclaimable, hosts)}`
        }
        color="var(--q-reclaimable)"
        testId="tile-reclaimable"
      />
      <Tile
        label="Reclaimed"
        value={bytesOr(reclaimed, 'none yet')}
        note={`merged now + evicted and not read again${of(reclaimed, hosts)}`}
        color="var(--q-merged)"
        testId="tile-reclaimed"
      />
      <Tile
        label="Double cached"
        value={bytesOr(doubleCached, 'not assessed')}
        note={
          doubleCached.hosts === 0
            ? 'assess a host to find out'
            : `when last assessed or scrubbed; image cache now ${bytesOr(imageCache, 'unknown')}`
        }
        color="var(--q-double-cached)"
        testId="tile-double-cached"
      />
      <Tile
        label="Running"
        value={tasks.length === 0 ? 'idle' : `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`}
        note={task ? `${task.task.title} on ${task.view.host.name}` : 'no task is running'}
        color={tasks.length > 0 ? 'var(--wb-busy)' : 'var(--wb-line-strong)'}
        testId="tile-running"
      />
    </section>
  )
}

function bytesOr(total: Total, absent: string): string {
  return total.hosts === 0 ? absent : formatBytes(total.bytes)
}

/** Says when hosts share a machine, whose figures then count once. */
function on(machines: number, hosts: number): string {
  if (machines === hosts) return ''
  return machines === 1 ? ', all on one machine' : `, on ${machines} machines`
}

/** Says when a total does not cover all hosts. */
function of(total: Total, hosts: number): string {
  return total.hosts === 0 || total.hosts === hosts ? '' : ` (${total.hosts} of ${hosts} hosts)`
}
