import { Menu } from '@mantine/core'
import { useWindowEvent } from '@mantine/hooks'
import type { HostView } from '../../shared/contract/index.ts'
import classes from './HostMenu.module.css'

export interface OpenMenu {
  readonly view: HostView
  /** Where it hangs: the button of the host's row. */
  readonly at: DOMRect
}

interface HostMenuProps {
  readonly open: OpenMenu | undefined
  readonly onClose: () => void
  readonly onToggleConnection: (view: HostView) => void
  readonly onEdit: (view: HostView) => void
  readonly onRemove: (view: HostView) => void
}

/** One for all rows: a menu in each was the most expensive part of scrolling through a long fleet. */
export function HostMenu({ open, onClose, onToggleConnection, onEdit, onRemove }: HostMenuProps) {
  useWindowEvent('scroll', onClose)
  if (!open) return null
  const act = (on: (view: HostView) => void) => () => on(open.view)
  const { left, top, width, height } = open.at
  return (
    <Menu
      opened
      onChange={(opened) => opened || onClose()}
      position="bottom-end"
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <button type="button" tabIndex={-1} className={classes.anchor} style={{ left, top, width, height }}>
          <span className="sr-only">More for {open.view.host.name}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={act(onToggleConnection)}>
          {open.view.connection.state === 'disconnected' ? 'Connect' : 'Disconnect'}
        </Menu.Item>
        <Menu.Item onClick={act(onEdit)}>Edit name and tags…</Menu.Item>
        <Menu.Item color="var(--wb-bad)" onClick={act(onRemove)}>
          Remove…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
