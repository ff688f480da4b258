import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './ConfirmDialog.module.css'

interface ConfirmDialogProps {
  readonly opened: boolean
  readonly title: string
  readonly confirmLabel: string
  /** Red button for acts that remove something. */
  readonly danger?: boolean
  /** There is nothing to do, as `children` say: it can only be cancelled. */
  readonly isNeedless?: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Says what will happen before it does. Cancel has the focus. */
export function ConfirmDialog({
  opened,
  title,
  confirmLabel,
  danger = false,
  isNeedless = false,
  onConfirm,
  onClose,
  children,
}: ConfirmDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="md" data-testid="confirm">
      <Stack gap="md">
        <div className={classes.text}>{children}</div>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" size="xs" data-autofocus onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="xs"
            {...(danger && { color: 'red' })}
            disabled={isNeedless}
            data-testid="confirm-accept"
            onClick={() => {
              onClose()
              onConfirm()
            }}
          >
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
