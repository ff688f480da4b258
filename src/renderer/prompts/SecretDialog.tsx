import { Button, Checkbox, Group, Modal, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { PromptAnswer, PromptQuestion, SecretPlace } from '../../shared/contract/index.ts'
import classes from './SecretDialog.module.css'

type SecretQuestion = Exclude<PromptQuestion, { kind: 'host-key' }>

interface SecretDialogProps {
  readonly question: SecretQuestion
  readonly hostName: string
  /** Absent: this answer is never kept, and nothing is said of it. */
  readonly keeping: SecretPlace | undefined
  readonly more: number
  readonly onAnswer: (answer: PromptAnswer) => void
}

const titles: Readonly<Record<SecretQuestion['kind'], string>> = {
  password: 'Password',
  passphrase: 'Passphrase of a key',
  'keyboard-interactive': 'The host asks',
  sudo: 'Password for sudo',
}

const explanations: Readonly<Record<SecretQuestion['kind'], string>> = {
  password: 'To log in.',
  passphrase: 'To unlock the private key on this machine.',
  'keyboard-interactive': 'To log in.',
  sudo: 'Reading guests’ memory needs root on the host.',
}

/** Names host and user. The answer is never logged, and is kept only if the person ticks that. */
export function SecretDialog({ question, hostName, keeping, more, onAnswer }: SecretDialogProps) {
  const [value, setValue] = useState('')
  const [keep, setKeep] = useState(false)
  const { kind, user, address, text, echo, attempt } = question
  const cancel = () => onAnswer({ kind: 'cancel' })
  const Field = echo ? TextInput : PasswordInput
  return (
    <Modal
      opened
      onClose={cancel}
      title={`${titles[kind]}: ${hostName}`}
      size="md"
      data-testid="secret-dialog"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onAnswer({ kind: 'secret', value, ...(keep && { keep }) })
        }}
      >
        <Stack gap="sm">
          <div className={classes.text}>
            For <b>{user}</b> on <b>{address}</b>. {explanations[kind]}
          </div>
          <Field
            label={text || titles[kind]}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
            data-autofocus
            autoComplete="off"
            maxLength={4096}
            {...(attempt > 1 && { error: 'That was not accepted.' })}
          />
          <Keeping place={keeping} keep={keep} onKeep={setKeep} />
          <Group justify="space-between">
            <span className="panel-note">
              Attempt {attempt} of 3{more > 0 && ` · ${more} more to answer`}
            </span>
            <Group gap="xs">
              <Button variant="default" size="xs" onClick={cancel}>
                Cancel
              </Button>
              <Button type="submit" size="xs">
                Continue
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

interface KeepingProps {
  readonly place: SecretPlace | undefined
  readonly keep: boolean
  readonly onKeep: (keep: boolean) => void
}

function Keeping({ place, keep, onKeep }: KeepingProps) {
  if (place?.state === 'refused')
    return (
      <div className="cell-sub" data-testid="keep-refused">
        It cannot be kept for later logins. {place.reason}
      </div>
    )
  if (place?.state !== 'offered') return null
  return (
    <Checkbox
      size="xs"
      label="Keep it for later logins"
      description={`Encrypted in the workbench’s data folder, with a key that ${place.place} holds. Help → Kept passwords forgets it. A password that is not accepted is forgotten at once.`}
      checked={keep}
      onChange={(event) => onKeep(event.currentTarget.checked)}
      data-testid="keep-secret"
    />
  )
}
