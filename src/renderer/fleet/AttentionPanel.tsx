import { Button } from '@mantine/core'
import type { HostView } from '../../shared/contract/index.ts'
import { describeState, isBlocked, problemOf } from '../host/host-state.ts'
import { hostLink } from '../route.ts'
import { useStore } from '../store/use-fleet.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import { Since } from '../ui/Since.tsx'
import { useAct } from '../ui/use-act.ts'

const mostShown = 4

/** What is wrong, in words, with the remedy and the one button that may help. */
export function AttentionPanel({ views }: { readonly views: readonly HostView[] }) {
  if (views.length === 0) return null
  const sorted = [...views].sort((a, b) => describeState(a).urgency - describeState(b).urgency)
  const hidden = sorted.length - mostShown
  return (
    <Panel
      title="Needs attention"
      note={hidden > 0 ? `${hidden} more in the table` : undefined}
      testId="attention"
    >
      <div style={{ display: 'grid', gap: 8 }}>
        {sorted.slice(0, mostShown).map((view) => (
          <Trouble key={view.host.id} view={view} />
        ))}
      </div>
    </Panel>
  )
}

function Trouble({ view }: { readonly view: HostView }) {
  const store = useStore()
  const { busy, run } = useAct()
  const problem = problemOf(view.connection)
  if (!problem) return null
  const hostId = view.host.id
  const retry = (
    <div style={{ display: 'flex', gap: 6, alignItems: 'center', whiteSpace: 'nowrap' }}>
      <span className="cell-sub">
        since <Since at={view.connection.since} />
      </span>
      <Button size="compact-xs" variant="default" component="a" href={hostLink(hostId)}>
        Open
      </Button>
      {!isBlocked(problem) && (
        <Button
          size="compact-xs"
          variant="default"
          loading={busy}
          onClick={() => run(`Connect ${view.host.name}`, () => store.call('hosts/connect', { hostId }))}
        >
          Try again
        </Button>
      )}
    </div>
  )
  return <ProblemNotice attempt={view.host.name} problem={problem} aside={retry} />
}
