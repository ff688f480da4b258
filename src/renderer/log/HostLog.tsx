import { Button, CopyButton, SegmentedControl, TextInput } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import type { LogLine } from '../../shared/contract/index.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { formatMoment } from '../ui/moments.ts'
import { toastProblem } from '../ui/toasts.ts'
import classes from './HostLog.module.css'
import { filterLog, formatLog, type LogLevel, mergeLog } from './log-lines.ts'

const noLines: readonly LogLine[] = []

/** What the workbench did on this host and what the helper said, newest first. */
export function HostLog({ hostId }: { readonly hostId: string }) {
  const store = useStore()
  const [earlier, setEarlier] = useState<readonly LogLine[]>(noLines)
  const added = useFleet(({ logs }) => logs[hostId]) ?? noLines
  const [text, setText] = useState('')
  const [level, setLevel] = useState<LogLevel>('all')
  useEffect(() => {
    store
      .call('hosts/log', { hostId })
      .then(setEarlier, (error: unknown) => toastProblem('Read the log', error))
  }, [store, hostId])
  const lines = useMemo(() => filterLog(mergeLog(earlier, added), text, level), [earlier, added, text, level])
  return (
    <div data-testid="host-log">
      <div className={classes.tools}>
        <TextInput
          size="xs"
          w={240}
          aria-label="Filter the log"
          placeholder="Filter"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <SegmentedControl
          size="xs"
          aria-label="Level"
          transitionDuration={0}
          data={[
            { value: 'all', label: 'All' },
            { value: 'warning', label: 'Warnings' },
            { value: 'error', label: 'Errors' },
          ]}
          value={level}
          onChange={(value) => setLevel(value as LogLevel)}
        />
        <span className="spacer" />
        <CopyButton value={formatLog(lines)}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy} disabled={lines.length === 0}>
              {copied ? 'Copied' : `Copy ${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`}
            </Button>
          )}
        </CopyButton>
      </div>
      <LogLines lines={lines} />
    </div>
  )
}

function LogLines({ lines }: { readonly lines: readonly LogLine[] }) {
  if (lines.length === 0) return <p className={`missing ${classes.empty}`}>No lines.</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    <div className={classes.log} role="log" tabIndex={0} aria-label="Log of this host">
      {[...lines].reverse().map((line) => (
        <div className={classes.logLine} data-level={line.level} key={`${line.at} ${line.text}`}>
          <time>{formatMoment(line.at)}</time>
          <i>{line.level}</i>
          <span className={classes.text}>{line.text}</span>
        </div>
      ))}
    </div>
  )
}
