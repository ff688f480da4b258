// Asks once more for what failed, and goes away with the notice that it stands in when that succeeds.
import { Button, Loader } from '@mantine/core'
import { useLayoutEffect, useRef } from 'react'

interface RetryButtonProps {
  readonly busy?: boolean
  readonly label?: string
  readonly children?: string
  readonly onRetry: () => void
}

/** Keeps the focus while it is busy; when it goes away with the focus, the page gets it. */
export function RetryButton({ busy = false, label, children = 'Try again', onRetry }: RetryButtonProps) {
  const button = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => {
    const element = button.current
    return () => {
      if (element !== null && element === document.activeElement) setTimeout(focusPage)
    }
  }, [])
  return (
    <Button
      ref={button}
      size="compact-xs"
      variant="default"
      aria-label={label}
      aria-busy={busy}
      leftSection={busy && <Loader size={11} color="currentColor" />}
      // A button that is disabled loses the focus.
      {...(busy && { 'data-disabled': true, 'aria-disabled': true })}
      onClick={() => {
        if (!busy) onRetry()
      }}
    >
      {children}
    </Button>
  )
}

/** Unless something has the focus by now. The keyboard would begin at the top of the window again. */
function focusPage(): void {
  const main = document.querySelector('main')
  if (main === null || document.activeElement !== document.body) return
  main.tabIndex = -1
  main.focus({ preventScroll: true })
}
