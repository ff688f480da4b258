// A dropped policy: what is wrong with it, or its text and a name to keep it by. It runs nowhere until somebody starts it.
import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { linkTo, open } from '../model/route.ts'
import { useStore } from '../store/use-fleet.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'
import { nameOfFile } from './dropped-kind.ts'

interface DroppedPolicyProps {
  readonly file: { readonly name: string; readonly text: string }
  readonly onClose: () => void
}

export function DroppedPolicy({ file, onClose }: DroppedPolicyProps) {
  const store = useStore()
  const { busy, run } = useAct()
  const [name, setName] = useState(() => nameOfFile(file.name))
  const problem = problemOf(file.text)
  const save = () =>
    run('Keep the policy', async () => {
      const { version } = await store.call('policies/save', { name, text: file.text })
      toastResult(`Kept as ${name}, version ${version}`, 'It runs nowhere yet: assign it, or roll it out.')
      open(linkTo('policies'))
      onClose()
    })
  return (
    <Modal opened onClose={onClose} title={`Policy in ${file.name}`} size="lg" data-testid="dropped-policy">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack gap="sm">
          {problem && <ProblemNotice problem={problem} attempt="Read the policy" />}
          <Textarea
            aria-label="Text of the policy"
            value={file.text}
            readOnly
            rows={10}
            styles={{ input: { fontFamily: 'var(--wb-mono)', fontSize: 12 } }}
          />
          <TextInput
            label="Keep it under the name"
            description="If a policy has this name, it gets a new version."
            value={name}
            maxLength={64}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" size="xs" data-autofocus onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              size="xs"
              loading={busy}
              disabled={problem !== undefined || name.trim() === ''}
              data-testid="keep-policy"
            >
              Keep
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function problemOf(text: string): ProblemData | undefined {
  try {
    parsePolicyFile(text)
    return undefined
  } catch (error) {
    return asProblem(error).toData()
  }
}
