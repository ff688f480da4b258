import { Button, Loader } from '@mantine/core'
import { Missing } from '../ui/Figure.tsx'
import type { GuestRow } from './guest-rows.ts'
import classes from './MergingCell.module.css'
import { type MergeSwitch, mergingWords, switchesFrom } from './merge-switch.ts'

interface SwitchParts {
  readonly row: GuestRow
  /** Why it cannot be switched now; shown on hover and focus, so the button stays focusable. */
  readonly refusal: string | undefined
  readonly busy: boolean
  readonly onAsk: (asked: MergeSwitch) => void
}

/** Whether KSM may merge the guest, and the way to the other. */
export function MergingCell(parts: SwitchParts) {
  const { sampled } = parts.row
  const merging = sampled?.merging
  if (merging === undefined) {
    if (sampled === undefined) return <Missing reason="has ended" />
    return <Missing reason="its memory map could not be read" brief="not known" />
  }
  if (merging === 'never') return <NeverMerged />
  // By place and not by way: the focus stays on the button when the guest has been switched.
  const [first, second] = switchesFrom(merging)
  return (
    <div className={classes.merging} data-merging={merging}>
      <span>{mergingWords[merging]}</span>
      {first !== undefined && <SwitchButton merge={first} {...parts} />}
      {second !== undefined && <SwitchButton merge={second} {...parts} />}
    </div>
  )
}

const neverReason = 'KSM cannot merge it: all of its RAM is shared memory or in reserved huge pages.'

function NeverMerged() {
  return (
    <span
      className="missing"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the reason must be reachable by keyboard.
      tabIndex={0}
      data-merging="never"
      data-hint={neverReason}
      aria-description={neverReason}
    >
      {mergingWords.never}
    </span>
  )
}

function SwitchButton({ merge, row, refusal, busy, onAsk }: SwitchParts & { readonly merge: boolean }) {
  const way = `Switch ${merge ? 'on' : 'off'}`
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`${way} merging of ${row.name}`}
      aria-busy={busy}
      {...(refusal !== undefined && !busy && { 'data-hint': refusal, 'aria-description': refusal })}
      {...(busy && { leftSection: <Loader size={11} color="currentColor" /> })}
      {...((refusal !== undefined || busy) && { 'data-disabled': true, 'aria-disabled': true })}
      onClick={(event) => {
        if (refusal === undefined && !busy) onAsk({ row, merge })
        else event.preventDefault()
      }}
    >
      {way}…
    </Button>
  )
}
