import { Checkbox, Group, NumberInput } from '@mantine/core'
import { useState } from 'react'
import type { HostView, KsmStart } from '../../shared/contract/index.ts'
import { sideChannelWarning } from '../../shared/text/side-channel-text.ts'
import { formatBytes } from '../../shared/units.ts'
import { withValue } from '../../shared/with-value.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import classes from './KsmStartDialog.module.css'

interface KsmStartDialogProps {
  readonly view: HostView
  readonly opened: boolean
  readonly onClose: () => void
  readonly onConfirm: (rate: KsmStart) => void
}

type Field = number | ''

/** Each start is asked anew: what was chosen before, such as to take over, does not stand in the next question. */
export function KsmStartDialog({ view, opened, onClose, onConfirm }: KsmStartDialogProps) {
  const [pagesToScan, setPagesToScan] = useState<Field>('')
  const [sleepMillisecs, setSleepMillisecs] = useState<Field>('')
  const [takeOver, setTakeOver] = useState(false)
  const close = () => {
    setPagesToScan('')
    setSleepMillisecs('')
    setTakeOver(false)
    onClose()
  }
  const governors = view.latest?.ksm?.governors ?? []
  const rate = {
    ...withValue({
      pagesToScan: pagesToScan === '' ? undefined : pagesToScan,
      sleepMillisecs: sleepMillisecs === '' ? undefined : sleepMillisecs,
      takeOver: takeOver || undefined,
    }),
  }
  return (
    <ConfirmDialog
      opened={opened}
      title={`Start KSM on ${view.host.name}?`}
      confirmLabel="Start KSM"
      onClose={close}
      onConfirm={() => onConfirm(rate)}
    >
      <WhatStarts mergeableBytes={view.assessment?.totals.mergeableBytes} />
      <RateFields {...{ pagesToScan, setPagesToScan, sleepMillisecs, setSleepMillisecs }} />
      <Checkbox
        size="xs"
        label="Take over from the kernel’s advisor if it is on"
        description={
          governors.length > 0
            ? `${governors.join(', ')} governs KSM now.`
            : 'Otherwise an active advisor is left alone, and the start is refused.'
        }
        checked={takeOver}
        onChange={(event) => setTakeOver(event.currentTarget.checked)}
      />
    </ConfirmDialog>
  )
}

interface RateFieldsProps {
  readonly pagesToScan: Field
  readonly setPagesToScan: (pages: Field) => void
  readonly sleepMillisecs: Field
  readonly setSleepMillisecs: (milliseconds: Field) => void
}

function RateFields({ pagesToScan, setPagesToScan, sleepMillisecs, setSleepMillisecs }: RateFieldsProps) {
  const asField = (value: number | string): Field => (typeof value === 'number' ? value : '')
  return (
    <Group grow gap="sm" mb="sm">
      <NumberInput
        size="xs"
        label="Pages per batch"
        placeholder="default"
        min={1}
        max={1_000_000}
        value={pagesToScan}
        onChange={(value) => setPagesToScan(asField(value))}
      />
      <NumberInput
        size="xs"
        label="Pause, ms"
        placeholder="default"
        min={0}
        max={60_000}
        value={sleepMillisecs}
        onChange={(value) => setSleepMillisecs(asField(value))}
      />
    </Group>
  )
}

/** `mergeableBytes`: undefined where the host was not assessed yet. */
function WhatStarts({ mergeableBytes }: { readonly mergeableBytes: number | undefined }) {
  return (
    <p className={classes.paragraph}>
      Without a rate, this is a burst: the helper measures what merging would free, lets ksmd scan fast, and
      ends when that is freed or more scanning would free nothing. With a rate, ksmd scans until it is
      stopped.{' '}
      {mergeableBytes !== undefined &&
        `At the last assessment ${formatBytes(mergeableBytes)} could be merged. `}
      The original settings are saved on the host first; “Restore settings” puts them back.{' '}
      {sideChannelWarning}
    </p>
  )
}
