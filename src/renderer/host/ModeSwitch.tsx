import { SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import type { HostView, SavedHost } from '../../shared/contract/index.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { useAct } from '../ui/use-act.ts'
import classes from './ModeSwitch.module.css'

/** White can be read on it, in light and in dark. */
const changeColor = '#9a5b00'

/** Observe is one click away; allowing changes says first what that means. */
export function ModeSwitch({ view }: { readonly view: HostView }) {
  const store = useStore()
  const { run } = useAct()
  const [asking, setAsking] = useState(false)
  const { id, name, mode } = view.host
  const switching = useFleet((fleet) => fleet.switching.includes(id))
  const change = (next: SavedHost['mode']) => run('Switch the mode', () => store.switchMode(view, next))
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="What the workbench may do on this host"
        data-testid="mode-switch"
        transitionDuration={0}
        disabled={switching}
        color={mode === 'change' ? changeColor : 'blue'}
        data={[
          { value: 'observe', label: 'Observe' },
          { value: 'change', label: 'Allow changes' },
        ]}
        value={mode}
        onChange={(next) => (next === 'change' ? setAsking(true) : change('observe'))}
      />
      <ConfirmDialog
        opened={asking}
        title={`Allow changes on ${name}?`}
        confirmLabel="Allow changes"
        onClose={() => setAsking(false)}
        onConfirm={() => change('change')}
      >
        Nothing changes now. From now on the workbench may, each time after asking you:
        <ul className={classes.effects}>
          <li>evict clean cached pages of the guests’ images that a guest holds as well (Scrub),</li>
          <li>start, stop and undo the merging of identical pages (KSM), for all guests or for one.</li>
        </ul>
        Guests’ memory is never written. The original KSM settings are saved on the host before the first
        change and can be restored. Every change is written to the host’s audit log.
      </ConfirmDialog>
    </>
  )
}
