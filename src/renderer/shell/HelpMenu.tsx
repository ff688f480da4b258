import { ActionIcon, Menu } from '@mantine/core'
import { IconHelp } from '@tabler/icons-react'
import { useState } from 'react'
import { linkTo } from '../model/route.ts'
import { Tour } from '../tour/Tour.tsx'

interface HelpMenuProps {
  readonly onKeys: () => void
}

export function HelpMenu({ onKeys }: HelpMenuProps) {
  const [touring, setTouring] = useState(false)
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label="Help" data-testid="help">
            <IconHelp size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setTouring(true)}>Tour…</Menu.Item>
          <Menu.Item component="a" href={linkTo('glossary')}>
            Glossary
          </Menu.Item>
          <Menu.Item onClick={onKeys}>Keys…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Tour opened={touring} onClose={() => setTouring(false)} />
    </>
  )
}
