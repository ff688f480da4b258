import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { memoryPartsOf } from '../model/fleet-figures.ts'
import { Missing } from '../ui/Figure.tsx'
import { formatMoment } from '../ui/moments.ts'
import { notConnectedSince } from '../ui/not-connected.ts'
import classes from './MemoryCell.module.css'

/** Guests, image cache and the rest that is in use, against the host's memory; of then, where it is not connected. */
export function MemoryCell({ view }: { readonly view: HostView }) {
  const parts = memoryPartsOf(view)
  const lost = notConnectedSince(view)
  if (!parts || !view.latest) return <Missing reason={lost ?? 'no sample yet'} />
  const { guests, images, other, available, total } = parts
  const share = (bytes: number) => ({ width: `${(100 * bytes) / total}%` })
  const when = lost === undefined ? '' : `At ${formatMoment(shownTime(view.latest))}: `
  const text = `${when}Guests ${formatBytes(guests)}, image cache ${formatBytes(images)}, other used ${formatBytes(other)}, available ${formatBytes(available)} of ${formatBytes(total)}`
  return (
    <div className={classes.memory} data-hint={text}>
      <div
        className={classes.bar}
        role="img"
        aria-label={text}
        {...(lost !== undefined && { 'data-old': true })}
      >
        <i className={classes.guests} style={share(guests)} />
        <i className={classes.other} style={share(other)} />
        <i className={classes.images} style={share(images)} />
      </div>
      {lost === undefined ? (
        <div className={`cell-sub ${classes.text}`}>
          {formatBytes(available)} available of {formatBytes(total)}
        </div>
      ) : (
        <div className="cell-sub">{lost}</div>
      )}
    </div>
  )
}
