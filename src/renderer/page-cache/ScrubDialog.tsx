import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import { type HostView, shownTime } from '../../shared/contract/index.ts'
import { formatBytes } from '../../shared/units.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { formatMoment } from '../ui/moments.ts'
import classes from './ScrubDialog.module.css'

interface ScrubDialogProps {
  readonly view: HostView
  readonly opened: boolean
  readonly onClose: () => void
  readonly onConfirm: (flushDirty: boolean) => void
}

/** Each scrub is asked anew: dirty pages are written back only where this question says so. */
export function ScrubDialog({ view, opened, onClose, onConfirm }: ScrubDialogProps) {
  const [flushDirty, setFlushDirty] = useState(false)
  const { assessment, host } = view
  const close = () => {
    setFlushDirty(false)
    onClose()
  }
  return (
    <ConfirmDialog
      opened={opened}
      title={`Scrub the page cache of ${host.name}?`}
      confirmLabel="Scrub"
      onClose={close}
      onConfirm={() => onConfirm(flushDirty)}
    >
      <p className={classes.paragraph}>
        Reads the image cache and the guests’ memory again, and evicts the clean pages whose content a guest
        holds.{' '}
        {assessment
          ? `At the last assessment (${formatMoment(shownTime(assessment))}) that was ${formatBytes(assessment.totals.doubleCachedBytes)}.`
          : 'This host has not been assessed yet; “Plan a scrub” shows beforehand what would be evicted.'}
      </p>
      <p className={classes.lastParagraph}>
        Dirty pages and pages that no guest holds stay. No data is lost; a guest that drops such a page from
        its own cache will read it from storage again.
      </p>
      <Checkbox
        size="xs"
        label="Write dirty pages back first so that they can be evicted too"
        checked={flushDirty}
        onChange={(event) => setFlushDirty(event.currentTarget.checked)}
      />
    </ConfirmDialog>
  )
}
