import { ActionIcon, Menu } from '@mantine/core'
import { IconHelp } from '@tabler/icons-react'
import { useState } from 'react'
import { linkTo } from '../model/route.ts'
import { Tour } from '../tour/Tour.tsx'
import { later } from '../ui/later.tsx'

const KeptSecretsDialog = later(
  async () => (await import('../secrets/KeptSecretsDialog.tsx')).KeptSecretsDialog,
  ({ opened }) => opened,
)

const UpdatesDialog = later(
  async () => (await import('../updates/UpdatesDialog.tsx')).UpdatesDialog,
  ({ opened }) => opened,
)

interface HelpMenuProps {
  readonly onKeys: () => void
}

export function HelpMenu({ onKeys }: HelpMenuProps) {
  const [touring, setTouring] = useState(false)
  const [updating, setUpdating] = useState(false)
  const [listing, setListing] = useState(false)
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
          <Menu.Item onClick={() => setListing(true)}>Kept passwords…</Menu.Item>
          <Menu.Item onClick={() => setUpdating(true)}>Newer versions…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <UpdatesDialog opened={updating} onClose={() => setUpdating(false)} />
      <KeptSecretsDialog opened={listing} onClose={() => setListing(false)} />
      <Tour opened={touring} onClose={() => setTouring(false)} />
    </>
  )
}
