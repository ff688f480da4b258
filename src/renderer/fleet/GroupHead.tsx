import type { HostView } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { figuresOf } from '../model/fleet-figures.ts'
import classes from './GroupHead.module.css'

interface GroupHeadProps {
  readonly tag: string | undefined
  readonly views: readonly HostView[]
}

/** A tag and what its hosts add up to. */
export function GroupHead({ tag, views }: GroupHeadProps) {
  const { hosts, up, down, reclaimable, reclaimed } = figuresOf(views)
  const parts = [
    `${hosts} ${hosts === 1 ? 'host' : 'hosts'}, ${up} up${down > 0 ? `, ${down} down` : ''}`,
    reclaimable.hosts > 0 && `${formatBytes(reclaimable.bytes)} reclaimable`,
    reclaimed.hosts > 0 && `${formatBytes(reclaimed.bytes)} reclaimed`,
  ]
  return (
    <div className={classes.head}>
      <b>{tag ?? 'Without a tag'}</b> <span className="cell-sub">{parts.filter(Boolean).join(' · ')}</span>
    </div>
  )
}
