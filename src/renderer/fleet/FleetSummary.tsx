import { aboutMetric } from '../../shared/contract/index.ts'
import { figureErrors } from '../../shared/figures/figure-errors.ts'
import { formatBytes } from '../../shared/units.ts'
import type { FleetFigures, Total } from '../model/fleet-figures.ts'
import { type Fact, Facts } from '../ui/Facts.tsx'

/** Worst news first: hosts, what could be won, what has been won, what is cached twice, what runs. */
export function FleetSummary({ figures }: { readonly figures: FleetFigures }) {
  const { hosts, machines, up, down, reclaimable, mergeable, doubleCached, reclaimed, imageCache, tasks } =
    figures
  const [task] = tasks
  const facts: readonly Fact[] = [
    {
      label: 'Hosts',
      value: down > 0 ? `${down} of ${hosts} down` : `${up} of ${hosts} up`,
      note: `${down > 0 ? `${up} connected` : up === hosts ? 'all connected' : `${hosts - up} not connected`}${on(machines, hosts)}`,
      about: 'Down: the workbench wants it connected and cannot. Hosts of one kernel are one machine.',
      color: down > 0 ? 'var(--wb-bad)' : 'var(--wb-good)',
      testId: 'tile-hosts',
    },
    {
      label: 'Reclaimable',
      value: bytesOr(reclaimable, 'not assessed'),
      note:
        reclaimable.hosts === 0
          ? 'assess a host to find out'
          : `${formatBytes(mergeable.bytes)} mergeable + ${formatBytes(doubleCached.bytes)} double cached${of(reclaimable, hosts)}`,
      about: `Sum over the hosts that were assessed, as of their last assessment or scrub. ${figureErrors.sum}`,
      color: 'var(--q-reclaimable)',
      testId: 'tile-reclaimable',
    },
    {
      label: 'Reclaimed',
      value: bytesOr(reclaimed, 'none yet'),
      note: `merged now + evicted and not read again${of(reclaimed, hosts)}`,
      about: `KSM’s saving in the last samples, once for each machine, and what the last scrubs evicted for good. ${figureErrors.sample}`,
      color: 'var(--q-merged)',
      testId: 'tile-reclaimed',
    },
    {
      label: 'Double cached',
      value: bytesOr(doubleCached, 'not assessed'),
      note:
        doubleCached.hosts === 0
          ? 'assess a host to find out'
          : `when last assessed or scrubbed; image cache now ${bytesOr(imageCache, 'unknown')}`,
      about: aboutMetric('doubleCachedBytes'),
      color: 'var(--q-double-cached)',
      testId: 'tile-double-cached',
    },
    {
      label: 'Running',
      value: tasks.length === 0 ? 'idle' : `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`,
      note: task ? `${task.task.title} on ${task.view.host.name}` : 'no task is running',
      about: 'Connecting, assessments, scrubs, KSM and policies that are under way, on all hosts.',
      color: tasks.length > 0 ? 'var(--wb-busy)' : 'var(--wb-line-strong)',
      testId: 'tile-running',
    },
  ]
  return <Facts facts={facts} label="Fleet in figures" />
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
