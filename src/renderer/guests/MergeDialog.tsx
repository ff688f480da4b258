import type { HostView } from '../../shared/contract/index.ts'
import { sideChannelWarning } from '../../shared/text/side-channel-text.ts'
import { formatBytes } from '../../shared/units.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import classes from './MergeDialog.module.css'
import type { MergeSwitch } from './merge-switch.ts'

interface MergeDialogProps {
  readonly view: HostView
  readonly asked: MergeSwitch | undefined
  readonly onClose: () => void
  readonly onConfirm: (asked: MergeSwitch) => void
}

export function MergeDialog({ view, asked, onClose, onConfirm }: MergeDialogProps) {
  const way = asked?.merge ? 'on' : 'off'
  return (
    <ConfirmDialog
      opened={asked !== undefined}
      title={`Switch ${way} merging of ${asked?.row.name ?? ''}?`}
      confirmLabel={`Switch merging ${way}`}
      onClose={onClose}
      onConfirm={() => asked && onConfirm(asked)}
    >
      <p className={classes.paragraph}>
        {asked && (asked.merge ? whatOnDoes(view) : whatOffDoes(view, asked))}
      </p>
      <p className={classes.lastParagraph}>
        The guest’s monitor does it, without a restart. The present setting is recorded on the host first, and
        KSM → Restore settings puts it back. A restart of the guest resets it as well.
      </p>
    </ConfirmDialog>
  )
}

function whatOffDoes({ latest }: HostView, { row }: MergeSwitch): string {
  const merged = row.sampled?.mergingBytes
  const much = merged === undefined ? 'an unknown amount' : `about ${formatBytes(merged)}`
  const available = latest ? formatBytes(latest.memory.availableBytes) : 'unknown'
  return (
    `KSM no longer merges its RAM. Its merged pages (${much}) become its own again: the guest pauses for seconds ` +
    'per GiB, and the memory is needed at once. The helper first checks that enough is available, and refuses ' +
    `otherwise. Available now: ${available}.`
  )
}

function whatOnDoes({ latest }: HostView): string {
  const isScanning = latest?.ksm?.settings.run === 1
  const begin = isScanning
    ? 'KSM is scanning, so merging begins now.'
    : 'KSM is not scanning: nothing is merged until you start it.'
  return `KSM may merge its RAM with that of other guests. ${begin} ${sideChannelWarning}`
}
