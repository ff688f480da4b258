// What the workbench is for, in five steps, for somebody who has just opened it.
import { Button, Group, Modal, Stepper, Text } from '@mantine/core'
import { useState } from 'react'

interface TourProps {
  readonly opened: boolean
  readonly onClose: () => void
}

interface TourStep {
  readonly title: string
  readonly text: string
}

const steps: readonly TourStep[] = [
  {
    title: 'Connect',
    text: 'Add hosts from ~/.ssh/config, an Ansible inventory or by address. The workbench connects over SSH with your keys and copies one helper to each host. It reads, and changes nothing: every host begins in observe mode.',
  },
  {
    title: 'Assess',
    text: 'Press Assess on a host. The helper compares the content of the guests’ RAM and of the page cache of their images, and says what could be won: mergeable pages, and pages that are cached twice. Each figure tells its source when you point at it or focus it.',
  },
  {
    title: 'Act',
    text: 'Allow changes for one host. A scrub evicts clean cached pages that a guest holds as well; KSM merges identical pages. A dry run shows first what would happen. Original settings are saved on the host, and every change is in its audit log.',
  },
  {
    title: 'Govern',
    text: 'A policy scrubs and merges on its own, within guards for read latency, regret and CPU. Try it on one host, then roll it out in stages. It stops and puts everything back when a guard trips.',
  },
  {
    title: 'Prove',
    text: 'Charts mark each scrub, burst and policy on the time axis. Drag over a part to see it closer; every chart is a table and a file as well. Reports put before beside after. Press ? anywhere for the list of keys.',
  },
]

export function Tour({ opened, onClose }: TourProps) {
  const [active, setActive] = useState(0)
  const isLast = active === steps.length - 1
  const close = () => {
    setActive(0)
    onClose()
  }
  return (
    <Modal opened={opened} onClose={close} title="A tour of the workbench" size="xl" data-testid="tour">
      <Stepper active={active} onStepClick={setActive} size="xs">
        {steps.map(({ title, text }) => (
          <Stepper.Step key={title} label={title}>
            <Text size="sm" mih={90} mt="md" data-testid="tour-text">
              {text}
            </Text>
          </Stepper.Step>
        ))}
      </Stepper>
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" size="xs" disabled={active === 0} onClick={() => setActive(active - 1)}>
          Back
        </Button>
        <Button size="xs" data-autofocus onClick={() => (isLast ? close() : setActive(active + 1))}>
          {isLast ? 'Begin' : 'Next'}
        </Button>
      </Group>
    </Modal>
  )
}
