// What a person asked to be kept: where it lies, and the way to have it forgotten.
import { Button, Group, Modal, Stack, Table } from '@mantine/core'
import { useState } from 'react'
import type { DesktopContract, KeptSecret, Result } from '../../shared/contract/index.ts'
import { useAnswer } from '../store/use-answer.ts'
import { useStore } from '../store/use-fleet.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { formatMoment } from '../ui/moments.ts'
import { useAct } from '../ui/use-act.ts'
import { describePlace } from './describe-place.ts'

interface KeptSecretsDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
}

const kinds: Readonly<Record<KeptSecret['kind'], string>> = {
  password: 'Password',
  passphrase: 'Passphrase of a key',
  sudo: 'Password for sudo',
}

export function KeptSecretsDialog({ opened, onClose }: KeptSecretsDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Kept passwords" size="lg" data-testid="kept-secrets">
      {opened && <KeptSecrets />}
    </Modal>
  )
}

type Listed = Result<DesktopContract, 'secrets/list'>

/** What is kept, with the way to have it forgotten. */
export function KeptSecrets() {
  const store = useStore()
  const { busy, run } = useAct()
  const [forgotten, setForgotten] = useState(0)
  const answer = useAnswer((asked, options) => asked.call('secrets/list', {}, options), forgotten)
  const forget = (id?: string) =>
    run('Forget', async () => {
      await store.call('secrets/forget', id === undefined ? {} : { id })
      setForgotten((count) => count + 1)
    })
  return (
    <Awaited answer={answer} attempt="List kept passwords" reading="the kept passwords">
      {(listed) => <KeptList {...{ listed, busy, forget }} />}
    </Awaited>
  )
}

interface KeptListProps {
  readonly listed: Listed
  readonly busy: boolean
  /** Absent: all. */
  readonly forget: (id?: string) => void
}

function KeptList({ listed, busy, forget }: KeptListProps) {
  return (
    <Stack gap="sm">
      <div data-testid="secret-place">{describePlace(listed.place)}</div>
      {listed.kept.length > 0 && (
        <>
          <Table aria-label="Kept passwords">
            <Table.Tbody>
              {listed.kept.map((secret) => (
                <Table.Tr key={secret.id} data-testid="kept-secret">
                  <Table.Td>{kinds[secret.kind]}</Table.Td>
                  <Table.Td>
                    {secret.kind === 'passphrase' ? secret.text : `${secret.user} on ${secret.address}`}
                  </Table.Td>
                  <Table.Td>since {formatMoment(secret.keptAt)}</Table.Td>
                  <Table.Td>
                    <Button size="xs" variant="default" disabled={busy} onClick={() => forget(secret.id)}>
                      Forget
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          <Group justify="flex-end">
            <Button size="xs" color="red" disabled={busy} onClick={() => forget()}>
              Forget all
            </Button>
          </Group>
        </>
      )}
      {listed.kept.length === 0 && <span className="cell-sub">No password is kept.</span>}
    </Stack>
  )
}
