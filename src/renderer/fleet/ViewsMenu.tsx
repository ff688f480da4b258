import { Button, Menu, TextInput } from '@mantine/core'
import { IconBookmark } from '@tabler/icons-react'
import { useState } from 'react'
import { linkTo } from '../model/route.ts'
import { useStoredText } from '../ui/use-setting.ts'
import { type FleetShown, queryOf } from './fleet-shown.ts'
import { readViews, withView } from './saved-views.ts'

/** Views by name: each is an address, so that it can also be kept as a bookmark and sent. */
export function ViewsMenu({ shown }: { readonly shown: FleetShown }) {
  const [stored, store] = useStoredText('fleet-views')
  const [name, setName] = useState('')
  const views = readViews(stored)
  const query = queryOf(shown).toString()
  const save = () => {
    store(JSON.stringify(withView(views, { name: name.trim(), query })))
    setName('')
  }
  return (
    <Menu position="bottom-end" width={240} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconBookmark size={15} />}>
          Views
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={linkTo('fleet')}>
          The usual view
        </Menu.Item>
        {views.map((view) => (
          <Menu.Item
            key={view.name}
            component="a"
            href={linkTo('fleet', { query: new URLSearchParams(view.query) })}
            {...(view.query === query && { 'aria-current': true, fw: 600 })}
          >
            {view.name}
          </Menu.Item>
        ))}
        {views.length > 0 && (
          <Menu.Item color="var(--wb-bad)" onClick={() => store(undefined)}>
            Forget all saved views
          </Menu.Item>
        )}
        <Menu.Divider />
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') save()
          }}
        >
          <TextInput
            size="xs"
            m={6}
            aria-label="Save what is shown as"
            placeholder="Save this view as…  Enter"
            maxLength={60}
            value={name}
            onKeyDown={(event) => event.stopPropagation()}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </form>
      </Menu.Dropdown>
    </Menu>
  )
}
