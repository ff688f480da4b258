import { Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { type Need, needsOf, urgencyOf } from '../model/attention.ts'
import { hostLink } from '../model/route.ts'
import { useStore } from '../store/use-fleet.ts'
import panel from '../ui/panel.module.css'
import { RetryButton } from '../ui/RetryButton.tsx'
import { Since } from '../ui/Since.tsx'
import { useAct } from '../ui/use-act.ts'
import classes from './AttentionPanel.module.css'

const maxShown = 3
const maxListed = 50

/** Which hosts need somebody first, and why, in words, with what to do and the one button that may help. */
export function AttentionPanel({ views }: { readonly views: readonly HostView[] }) {
  const [listsAll, setListsAll] = useState(false)
  const needy = useMemo(
    () =>
      views
        .map((view) => ({ view, need: needsOf(view)[0], urgency: urgencyOf(view) }))
        .filter(({ need }) => need?.tone === 'bad' || need?.tone === 'warn')
        .sort((a, b) => a.urgency - b.urgency),
    [views],
  )
  if (needy.length === 0) return null
  const shown = needy.slice(0, listsAll ? maxListed : maxShown)
  return (
    <section className={panel.panel} aria-label="Needs attention" data-testid="attention">
      {shown.map(({ view, need }) => need && <Trouble key={view.host.id} view={view} need={need} />)}
      {needy.length > maxShown && (
        <div className={`${classes.trouble} ${classes.more}`}>
          <Button size="compact-xs" variant="subtle" onClick={() => setListsAll(!listsAll)}>
            {listsAll ? `Show the first ${maxShown}` : `${needy.length - maxShown} more hosts need attention`}
          </Button>
        </div>
      )}
    </section>
  )
}

interface TroubleProps {
  readonly view: HostView
  readonly need: Need
}

/** One host in two lines; the whole message is on its page and on hover. */
function Trouble({ view, need }: TroubleProps) {
  const store = useStore()
  const { busy, run } = useAct()
  const { title, reason, remedy, tone, kind, tab } = need
  const { id: hostId, name } = view.host
  const isDown = kind === 'down' || kind === 'blocked'
  return (
    <div
      className={classes.trouble}
      role={tone === 'bad' ? 'alert' : undefined}
      data-tone={tone}
      data-testid="trouble"
    >
      <IconAlertTriangle size={16} aria-hidden />
      <div className={classes.content}>
        <div className="clip" title={reason}>
          <b>{name}</b> <b className={classes.problem}>{title}</b>
          {isDown && (
            <span className="cell-sub">
              {' '}
              for <Since at={view.connection.since} />
            </span>
          )}
          : {reason}
        </div>
        {remedy && (
          <div className="cell-sub clip" title={remedy}>
            What to do: {remedy}
          </div>
        )}
      </div>
      <div className={classes.acts}>
        <Button
          size="compact-xs"
          variant="default"
          component="a"
          href={hostLink(hostId, tab)}
          aria-label={`Open ${name}`}
        >
          Open
        </Button>
        {kind === 'down' && (
          <RetryButton
            busy={busy}
            label={`Try again to connect ${name}`}
            onRetry={() => run(`Connect ${name}`, () => store.call('hosts/connect', { hostId }))}
          />
        )}
      </div>
    </div>
  )
}
