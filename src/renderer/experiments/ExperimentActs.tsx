// What can be done with an experiment: paused, gone on with, stopped, asked again, exported, removed.
import { Button, Group } from '@mantine/core'
import { IconCopy, IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { ReportFormat, ShownExperiment } from '../../shared/contract/index.ts'
import { linkTo, open } from '../model/route.ts'
import { saveFile } from '../reports/save-file.ts'
import { useStore } from '../store/use-fleet.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { FormatMenu } from '../ui/FormatMenu.tsx'
import { toastResult } from '../ui/toasts.ts'
import { useAct } from '../ui/use-act.ts'
import { isOver } from './experiment-view.ts'

export function ExperimentActs({ shown }: { readonly shown: ShownExperiment }) {
  const { id, state } = shown
  return (
    <Group gap="xs" wrap="nowrap">
      {!isOver(state) && <RunningActs shown={shown} />}
      <Button
        component="a"
        size="xs"
        variant="default"
        leftSection={<IconCopy size={15} />}
        href={linkTo('experiments', { query: { again: id } })}
        data-testid="experiment-again"
      >
        Duplicate
      </Button>
      <Export id={id} />
      {isOver(state) && <Remove id={id} />}
    </Group>
  )
}

function RunningActs({ shown: { id, state } }: { readonly shown: ShownExperiment }) {
  const store = useStore()
  const act = useAct()
  const isPaused = state === 'paused' || state === 'pausing'
  const ends = state === 'stopping' ? 'It is stopping.' : undefined
  return (
    <>
      {isPaused ? (
        <ActButton
          testId="experiment-continue"
          icon={IconPlayerPlay}
          busy={act.busy}
          refusal={ends}
          onClick={() =>
            act.run('Go on with the experiment', () => store.call('experiments/continue', { id }))
          }
        >
          Continue
        </ActButton>
      ) : (
        <ActButton
          testId="experiment-pause"
          icon={IconPlayerPause}
          busy={act.busy}
          refusal={ends}
          onClick={() => act.run('Pause the experiment', () => store.call('experiments/pause', { id }))}
        >
          Pause
        </ActButton>
      )}
      <ActButton
        testId="experiment-stop"
        icon={IconPlayerStop}
        busy={act.busy}
        refusal={ends}
        onClick={() => act.run('Stop the experiment', () => store.call('experiments/stop', { id }))}
      >
        Stop and put everything back
      </ActButton>
    </>
  )
}

const formats: readonly { readonly format: ReportFormat; readonly label: string }[] = [
  { format: 'pdf', label: 'PDF, to send and print' },
  { format: 'html', label: 'HTML, to read anywhere' },
  { format: 'csv', label: 'CSV, a line for each phase and guest' },
  { format: 'json', label: 'JSON, with everything' },
]

function Export({ id }: { readonly id: string }) {
  const store = useStore()
  const { busy, run } = useAct()
  const build = (format: ReportFormat) =>
    run('Export the experiment', async () => {
      const file = await store.call('experiments/export', { id, format })
      saveFile(file)
      toastResult('Experiment saved', file.fileName)
    })
  return (
    <FormatMenu label="Export" formats={formats} busy={busy} onChoose={build} testId="experiment-export" />
  )
}

function Remove({ id }: { readonly id: string }) {
  const store = useStore()
  const act = useAct()
  const [asking, setAsking] = useState(false)
  return (
    <>
      <ActButton
        testId="experiment-remove"
        icon={IconTrash}
        busy={act.busy}
        refusal={undefined}
        onClick={() => setAsking(true)}
      >
        Remove…
      </ActButton>
      <ConfirmDialog
        opened={asking}
        title="Remove this experiment?"
        confirmLabel="Remove"
        danger
        onClose={() => setAsking(false)}
        onConfirm={() =>
          act.run('Remove the experiment', async () => {
            await store.call('experiments/remove', { id })
            open(linkTo('experiments'))
          })
        }
      >
        Its figures are removed from the workbench. What was exported stays.
      </ConfirmDialog>
    </>
  )
}
