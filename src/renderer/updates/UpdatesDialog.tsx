// Where to ask whether there is a newer version. Nobody is asked until a person names an address.
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { UpdateStatus } from '../../shared/contract/index.ts'
import { useAnswer } from '../store/use-answer.ts'
import { useStore } from '../store/use-fleet.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { formatMoment } from '../ui/moments.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { useAct } from '../ui/use-act.ts'

interface UpdatesDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
}

export function UpdatesDialog({ opened, onClose }: UpdatesDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Newer versions" size="lg" data-testid="updates">
      {opened && <Updates />}
    </Modal>
  )
}

/** The form and what is known; it asks nobody by itself. */
export function Updates() {
  const answer = useAnswer((store, options) => store.call('updates/status', {}, options))
  return (
    <Awaited
      answer={answer}
      attempt="Read where newer versions are asked for"
      reading="where newer versions are asked for"
    >
      {(known) => <UpdatesForm known={known} />}
    </Awaited>
  )
}

function UpdatesForm({ known }: { readonly known: UpdateStatus }) {
  const store = useStore()
  const { busy, run } = useAct()
  const [status, setStatus] = useState(known)
  const [feed, setFeed] = useState(known.feed ?? '')
  const follow = (address?: string) =>
    run('Ask for newer versions', async () =>
      setStatus(await store.call('updates/follow', address === undefined ? {} : { feed: address })),
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        follow(feed.trim())
      }}
    >
      <Stack gap="sm">
        <div data-testid="update-state">{describeUpdate(status)}</div>
        {status.problem && <ProblemNotice problem={status.problem} attempt="Ask for newer versions" />}
        <TextInput
          label="Address to ask"
          description="Its answer is JSON: a version and a page, or the latest release as GitHub or Gitea describe it. It learns that somebody asked, and nothing else. Nothing is downloaded or installed."
          placeholder="https://mirror.example.org/singleton-workbench/latest.json"
          value={feed}
          onChange={(event) => setFeed(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="xs">
          <Button
            variant="default"
            size="xs"
            disabled={busy || status.feed === undefined}
            onClick={() => {
              setFeed('')
              follow()
            }}
          >
            Ask nobody
          </Button>
          <Button type="submit" size="xs" loading={busy} disabled={feed.trim() === ''}>
            Ask now and once a day
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function describeUpdate({ current, feed, newer, askedAt }: UpdateStatus): string {
  if (newer)
    return `Version ${newer.version} is available; this is version ${current}.${newer.page ? ` ${newer.page}` : ''}`
  if (feed === undefined)
    return `This is version ${current}. The workbench asks nobody whether there is a newer one.`
  return askedAt === undefined
    ? `This is version ${current}.`
    : `This is version ${current}, the newest that was known at ${formatMoment(askedAt)}.`
}
