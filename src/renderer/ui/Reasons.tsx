import type { Reason } from '../../shared/contract/index.ts'

/** Why something cannot be merged or scrubbed, in the host's own words. */
export function Reasons({ reasons }: { readonly reasons: readonly Reason[] }) {
  if (reasons.length === 0) return null
  return (
    <div style={{ display: 'grid', gap: 1, fontSize: 12, minWidth: 160 }}>
      {reasons.map(({ code, text }) => (
        <span key={`${code} ${text}`} data-reason={code}>
          {text}
        </span>
      ))}
    </div>
  )
}
