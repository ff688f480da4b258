import { Button, Group, Modal, Stack } from '@mantine/core'
import type { PromptAnswer, PromptQuestion } from '../../shared/contract/index.ts'
import classes from './HostKeyDialog.module.css'

interface HostKeyDialogProps {
  readonly question: Extract<PromptQuestion, { kind: 'host-key' }>
  readonly hostName: string
  readonly more: number
  readonly onAnswer: (answer: PromptAnswer) => void
}

/** First contact with a host. Cancel has the focus; accepting saves the key to known_hosts. */
export function HostKeyDialog({ question, hostName, more, onAnswer }: HostKeyDialogProps) {
  const cancel = () => onAnswer({ kind: 'cancel' })
  return (
    <Modal
      opened
      onClose={cancel}
      title={`Is this really ${hostName}?`}
      size="lg"
      data-testid="host-key-dialog"
    >
      <Stack gap="md">
        <div className={classes.text}>
          No key is known for this host yet. Compare the fingerprint with the one shown on the host itself,
          for example by <code className="mono">ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code>. Only
          the greeting has been sent to it.
        </div>
        <dl className={classes.facts}>
          <dt className="cell-sub">Address</dt>
          <dd className={classes.value} data-testid="host-key-address">
            {question.address}
          </dd>
          <dt className="cell-sub">Key type</dt>
          <dd className={classes.value}>{question.keyType}</dd>
          <dt className="cell-sub">Fingerprint</dt>
          <dd className={`path ${classes.fingerprint}`} data-testid="host-key-fingerprint">
            {question.fingerprint}
          </dd>
        </dl>
        <Group justify="space-between">
          <span className="panel-note">{more > 0 && `${more} more to answer`}</span>
          <Group gap="xs">
            <Button variant="default" size="xs" data-autofocus onClick={cancel}>
              Cancel
            </Button>
            <Button size="xs" data-testid="host-key-accept" onClick={() => onAnswer({ kind: 'accept' })}>
              It matches: accept and save
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  )
}
