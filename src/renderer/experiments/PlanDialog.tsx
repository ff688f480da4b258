// What an experiment will do, before it begins: how long, what is changed when, what it may cost.
import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ExperimentPreview } from '../../shared/contract/index.ts'
import { metricWords } from '../../shared/text/experiment-text.ts'
import { formatSeconds } from '../../shared/units.ts'
import { armLetters } from './experiment-view.ts'
import classes from './experiments.module.css'

interface PlanDialogProps {
  readonly preview: ExperimentPreview
  readonly busy: boolean
  readonly onStart: () => void
  readonly onClose: () => void
}

export function PlanDialog({ preview, busy, onStart, onClose }: PlanDialogProps) {
  const { plan, durationSeconds, hosts, changes, costs } = preview
  const refused = hosts.filter(({ refusal }) => refusal !== undefined)
  const [first, second] = plan.arms
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={`${second.name} against ${first.name}: ${metricWords[plan.metric]}`}
    >
      <Stack gap="sm" data-testid="experiment-preview">
        <p className={classes.note}>
          About {formatSeconds(durationSeconds)}, {plan.pairs} pairs, seed {plan.seed}.
        </p>
        {hosts.map((host) => (
          <div key={host.hostId}>
            <b>{host.name}</b>{' '}
            {host.refusal === undefined ? (
              <span className={classes.steps} role="img" aria-label="Order of the arms">
                {host.steps.map((step) => (
                  <i
                    key={`${step.pair} ${step.arm}`}
                    className={classes.arm}
                    data-arm={armLetters[step.arm]}
                    title={`after ${formatSeconds(step.atSeconds)}`}
                  >
                    {armLetters[step.arm]}
                  </i>
                ))}
              </span>
            ) : (
              <span className={classes.refusal}>{host.refusal}</span>
            )}
          </div>
        ))}
        <h3 className={classes.heading}>What is changed</h3>
        <Lines of={changes} />
        {costs.length > 0 && <h3 className={classes.heading}>What it may cost</h3>}
        <Lines of={costs} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" size="xs" data-autofocus onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="xs"
            loading={busy}
            disabled={refused.length > 0}
            onClick={onStart}
            data-testid="experiment-start"
          >
            Start
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function Lines({ of: lines }: { readonly of: readonly string[] }) {
  return (
    <ul className={classes.lines}>
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}
