import { Button, Group, Modal, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { PromptAnswer, PromptQuestion } from '../../shared/contract/index.ts'
import classes from './SecretDialog.module.css'

type SecretQuestion = Exclude<PromptQuestion, { kind: 'host-key' }>

interface SecretDialogProps {
  readonly question: SecretQuestion
  readonly hostName: string
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

/** Names host and user; the answer is kept for the session only and never logged. */
export function SecretDialog({ question, hostName, more, onAnswer }: SecretDialogProps) {
  const [value, setValue] = useState('')
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
          onAnswer({ kind: 'secret', value })
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
