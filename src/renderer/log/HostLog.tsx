import { Button, CopyButton, SegmentedControl, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { LogLine } from '../../shared/contract/index.ts'
import { useAnswer } from '../store/use-answer.ts'
import { useFleet } from '../store/use-fleet.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { formatMoment } from '../ui/moments.ts'
import classes from './HostLog.module.css'
import { filterLog, formatLog, type LogLevel, mergeLog } from './log-lines.ts'

const noLines: readonly LogLine[] = []

/** What the workbench did on this host and what the helper said, newest first. */
export function HostLog({ hostId }: { readonly hostId: string }) {
  const answer = useAnswer((store, options) => store.call('hosts/log', { hostId }, options), hostId)
  const earlier = answer.value ?? noLines
  const added = useFleet(({ logs }) => logs[hostId]) ?? noLines
  const [text, setText] = useState('')
  const [level, setLevel] = useState<LogLevel>('all')
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
      <Awaited answer={answer} attempt="Read the log" reading="the log">
        {() => (
          <LogLines
            lines={lines}
            empty={
              text === '' && level === 'all'
                ? 'Nothing was logged of this host yet.'
                : 'No line matches the filter.'
            }
          />
        )}
      </Awaited>
    </div>
  )
}

interface LogLinesProps {
  readonly lines: readonly LogLine[]
  readonly empty: string
}

function LogLines({ lines, empty }: LogLinesProps) {
  if (lines.length === 0) return <p className={`missing ${classes.empty}`}>{empty}</p>
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
