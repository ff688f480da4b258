import {
  IconBan,
  IconCircleCheck,
  IconCircleDashed,
  IconPlugConnectedX,
  IconRefresh,
} from '@tabler/icons-react'
import type { HostView } from '../../shared/contract/index.ts'
import { describeState } from '../model/host-state.ts'
import type { Tone } from '../model/tone.ts'
import { Since } from './Since.tsx'
import classes from './StateBadge.module.css'
import state from './state.module.css'

const icons = {
  good: IconCircleCheck,
  busy: IconRefresh,
  warn: IconBan,
  bad: IconPlugConnectedX,
  idle: IconCircleDashed,
} satisfies Record<Tone, unknown>

interface StateBadgeProps {
  readonly view: HostView
  /** All in one line. */
  readonly inline?: boolean
}

/** State by word, shape and colour; below it the reason and for how long. */
export function StateBadge({ view, inline = false }: StateBadgeProps) {
  const { label, tone, reason, since } = describeState(view)
  const Icon = label === 'Blocked' ? IconBan : icons[tone]
  return (
    <div className={inline ? classes.inline : undefined}>
      <span className={state.state} data-tone={tone} data-testid="host-state">
        <Icon size={13} aria-hidden />
        {label}
      </span>
      <div className={`cell-sub clip ${classes.since}`}>
        {reason === undefined ? 'for ' : `${reason} · `}
        <Since at={since} />
      </div>
    </div>
  )
}
