import type { Reason } from '../../shared/contract/index.ts'
import classes from './Reasons.module.css'

/** Why something cannot be merged or scrubbed, in the host's own words. */
export function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null
  return (
    <div className={classes.reasons}>
      {reasons.map(({ code, text }) => (
        <span key={`${code} ${text}`} data-reason={code}>
          {text}
        </span>
      ))}
    </div>
  )
}
