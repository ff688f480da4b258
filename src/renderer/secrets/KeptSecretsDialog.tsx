// What a person asked to be kept: where it lies, and the way to have it forgotten.
import { Button, Group, Modal, Stack, Table } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { DesktopContract, KeptSecret, Result } from '../../shared/contract/index.ts'
import { useStore } from '../store/use-fleet.ts'
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

function KeptSecrets() {
  const store = useStore()
  const { busy, run } = useAct()
  const [listed, setListed] = useState<Listed>()
  useEffect(() => {
    run('List kept passwords', async () => setListed(await store.call('secrets/list', {})))
  }, [run, store])
  if (!listed) return null
  const forget = (id?: string) =>
    run('Forget', async () => {
      await store.call('secrets/forget', id === undefined ? {} : { id })
      setListed(await store.call('secrets/list', {}))
    })
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
