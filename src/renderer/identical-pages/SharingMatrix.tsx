import { useMemo } from 'react'
import { type Assessment, maxGuestsToldApart } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { Panel } from '../ui/Panel.tsx'
import panel from '../ui/panel.module.css'
import classes from './SharingMatrix.module.css'
import { type Sharing, sharingOf } from './sharing.ts'

/** How much content each guest shares with each other one; the diagonal is within the guest. */
export function SharingMatrix({ assessment }: { readonly assessment: Assessment }) {
  const sharing = useMemo(() => sharingOf(assessment), [assessment])
  const { guests, isUnknown } = sharing
  const all = assessment.guests.length
  if (all === 0) return null
  const isCut = guests.length < all && !isUnknown
  const most = isCut ? `; shown are the ${guests.length} of ${all} guests that share most` : ''
  return (
    <Panel
      title="Sharing"
      note={`identical bytes between two guests; on the diagonal, within one guest${most}`}
      testId="sharing"
    >
      {isUnknown ? (
        <p className="panel-note">
          With more than {maxGuestsToldApart} guests, an assessment does not tell which guests share with
          which.
        </p>
      ) : (
        <Matrix sharing={sharing} />
      )}
    </Panel>
  )
}

/** The cells of more guests are laid out once they come near the window. */
const laidOutAtOnce = 12

function Matrix({ sharing: { guests, find, maxBytes } }: { readonly sharing: Sharing }) {
  return (
    <div className={panel.tableWrap} data-large={guests.length > laidOutAtOnce || undefined}>
      <table className={classes.matrix} aria-label="Identical bytes between guests">
        <thead>
          <tr>
            <td className={classes.corner} />
            {guests.map(({ pid, name }) => (
              <th key={pid} scope="col" className={`clip ${classes.column}`} title={name}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {guests.map((a) => (
            <tr key={a.pid}>
              <th scope="row" className="clip" title={a.name}>
                {a.name}
              </th>
              {guests.map((b) => {
                const { identicalBytes, zeroBytes } = find(a.pid, b.pid)
                const strength = maxBytes === 0 ? 0 : identicalBytes / maxBytes
                return (
                  <td
                    key={b.pid}
                    style={{ background: `rgb(var(--heat) / ${(strength * 0.5).toFixed(2)})` }}
                    title={`${a.name} × ${b.name}: ${formatBytes(identicalBytes)} identical, ${formatBytes(zeroBytes)} of it zeros`}
                  >
                    {formatBytes(identicalBytes)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
