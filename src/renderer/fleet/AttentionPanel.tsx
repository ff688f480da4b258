import { Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { HostView } from '../../shared/contract/index.ts'
import { describeState, isBlocked, problemOf } from '../model/host-state.ts'
import { problemTitles } from '../model/problem-titles.ts'
import { hostLink } from '../model/route.ts'
import { useStore } from '../store/use-fleet.ts'
import panel from '../ui/panel.module.css'
import { Since } from '../ui/Since.tsx'
import { useAct } from '../ui/use-act.ts'
import classes from './AttentionPanel.module.css'

const mostShown = 3

/** What is wrong, in words, with the remedy and the one button that may help. */
export function AttentionPanel({ views }: { readonly views: readonly HostView[] }) {
  if (views.length === 0) return null
  const sorted = [...views].sort((a, b) => describeState(a).urgency - describeState(b).urgency)
  const hidden = sorted.length - mostShown
  return (
    <section
      className={`${panel.panel} ${classes.troubleList}`}
      aria-label="Needs attention"
      data-testid="attention"
    >
      {sorted.slice(0, mostShown).map((view) => (
        <Trouble key={view.host.id} view={view} />
      ))}
      {hidden > 0 && <div className={`${classes.trouble} cell-sub`}>{hidden} more below</div>}
    </section>
  )
}

/** One host in two lines; the whole message is on its page and on hover. */
function Trouble({ view }: { readonly view: HostView }) {
  const store = useStore()
  const { busy, run } = useAct()
  const problem = problemOf(view.connection)
  if (!problem) return null
  const hostId = view.host.id
  return (
    <div className={classes.trouble} role="alert" data-testid="trouble">
      <IconAlertTriangle size={16} color="var(--wb-bad)" aria-hidden />
      <div className={classes.content}>
        <div className="clip" title={problem.message}>
          <b>{view.host.name}</b>{' '}
          <b className={classes.problem}>{problemTitles[problem.code].toLowerCase()}</b>{' '}
          <span className="cell-sub">
            for <Since at={view.connection.since} />
          </span>{' '}
          {problem.message}
        </div>
        {problem.remedy && (
          <div className="cell-sub clip" title={problem.remedy}>
            What to do: {problem.remedy}
          </div>
        )}
      </div>
      <div className={classes.acts}>
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
    </div>
  )
}
