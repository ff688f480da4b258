import { Tooltip } from '@mantine/core'
import type { HostView } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { memoryPartsOf } from '../model/fleet-figures.ts'
import { Figure } from '../ui/Figure.tsx'
import classes from './MemoryCell.module.css'

/** Guests, image cache and the rest that is in use, against the host's memory. */
export function MemoryCell({ view }: { readonly view: HostView }) {
  const parts = memoryPartsOf(view)
  if (!parts) return <Figure value={undefined} unit="bytes" absent="no sample yet" />
  const { guests, images, other, available, total } = parts
  const share = (bytes: number) => ({ width: `${(100 * bytes) / total}%` })
  const text = `Guests ${formatBytes(guests)}, image cache ${formatBytes(images)}, other used ${formatBytes(other)}, available ${formatBytes(available)} of ${formatBytes(total)}`
  return (
    <Tooltip label={text}>
      <div className={classes.memory}>
        <div className={classes.bar} role="img" aria-label={text}>
          <i className={classes.guests} style={share(guests)} />
          <i className={classes.other} style={share(other)} />
          <i className={classes.images} style={share(images)} />
        </div>
        <div className={`cell-sub ${classes.text}`}>
          {formatBytes(available)} available of {formatBytes(total)}
        </div>
      </div>
    </Tooltip>
  )
}
