import { Button, Popover, Stack, TextInput } from '@mantine/core'
import { IconBookmark } from '@tabler/icons-react'
import { useState } from 'react'
import { linkTo } from '../model/route.ts'
import { useStoredText } from '../ui/use-setting.ts'
import { type FleetShown, queryOf } from './fleet-shown.ts'
import { readViews, withView } from './saved-views.ts'

/**
 * Views by name: each is an address, so that it can also be kept as a bookmark and sent. No menu: one may hold no field for
 * text.
 */
export function ViewsMenu({ shown }: { readonly shown: FleetShown }) {
  const [stored, store] = useStoredText('fleet-views')
  const [opened, setOpened] = useState(false)
  const close = () => setOpened(false)
  const views = readViews(stored)
  const query = queryOf(shown).toString()
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={240} trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconBookmark size={15} />}
          onClick={() => setOpened(!opened)}
        >
          Views
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Views" p={6}>
        <Stack gap={2}>
          <ViewLink link={linkTo('fleet')} onOpen={close}>
            The usual view
          </ViewLink>
          {views.map((view) => (
            <ViewLink
              key={view.name}
              link={linkTo('fleet', { query: new URLSearchParams(view.query) })}
              current={view.query === query}
              onOpen={close}
            >
              {view.name}
            </ViewLink>
          ))}
          {views.length > 0 && (
            <Button {...line} color="var(--wb-bad)" onClick={() => store(undefined)}>
              Forget all saved views
            </Button>
          )}
          <SaveView onSave={(name) => store(JSON.stringify(withView(views, { name, query })))} />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

const line = { size: 'xs', variant: 'subtle', fullWidth: true, justify: 'flex-start' } as const

function SaveView({ onSave }: { readonly onSave: (name: string) => void }) {
  const [name, setName] = useState('')
  const save = () => {
    if (name.trim() === '') return
    onSave(name.trim())
    setName('')
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <TextInput
        size="xs"
        aria-label="Save what is shown as"
        placeholder="Save this view as…  Enter"
        maxLength={60}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </form>
  )
}

interface ViewLinkProps {
  readonly link: string
  readonly current?: boolean
  readonly onOpen: () => void
  readonly children: string
}

function ViewLink({ link, current = false, onOpen, children }: ViewLinkProps) {
  return (
    <Button
      {...line}
      component="a"
      color="gray"
      href={link}
      onClick={onOpen}
      {...(current && { 'aria-current': true })}
    >
      {children}
    </Button>
  )
}
