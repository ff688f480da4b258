import { Button, Loader, Tooltip } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'

interface ActButtonProps {
  readonly icon: Icon
  readonly filled?: boolean
  readonly busy: boolean
  /** Why it cannot be done now; shown on hover and focus, so the button stays focusable. */
  readonly refusal: string | undefined
  readonly onClick: () => void
  readonly testId: string
  readonly children: ReactNode
}

export function ActButton({
  icon: ActIcon,
  filled = false,
  busy,
  refusal,
  onClick,
  testId,
  children,
}: ActButtonProps) {
  return (
    <Tooltip label={refusal} disabled={refusal === undefined}>
      <Button
        size="xs"
        variant={filled ? 'filled' : 'default'}
        leftSection={busy ? <Loader size={13} color="currentColor" /> : <ActIcon size={15} />}
        data-testid={testId}
        onClick={(event) => {
          if (refusal === undefined && !busy) onClick()
          else event.preventDefault()
        }}
        aria-busy={busy}
        {...((refusal !== undefined || busy) && { 'data-disabled': true, 'aria-disabled': true })}
      >
        {children}
      </Button>
    </Tooltip>
  )
}
