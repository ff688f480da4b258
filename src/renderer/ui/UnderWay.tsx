import { Button } from '@mantine/core'
import { formatRatio } from '../../shared/units.ts'

interface UnderWayProps {
  readonly step: string
  /** Absent: not known how far it is. */
  readonly fraction?: number | undefined
  readonly onCancel: () => void
  readonly testId?: string
}

/** What is being done, how far it is, and the way to stop it. */
export function UnderWay({ step, fraction, onCancel, testId = 'under-way' }: UnderWayProps) {
  return (
    <>
      <span role="status" data-testid={testId}>
        {fraction === undefined ? step : `${step}, ${formatRatio(fraction)}`}
      </span>
      <Button size="xs" variant="default" onClick={onCancel}>
        Cancel
      </Button>
    </>
  )
}
