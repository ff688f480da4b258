import { Button, CopyButton } from '@mantine/core'
import { formatSeconds } from '../../shared/units.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import classes from './connection-test.module.css'
import { TestSteps } from './TestSteps.tsx'
import { testText } from './test-text.ts'
import type { TestRun } from './use-connection-test.ts'

/** The verdict, then the steps, as they come. */
export function TestPanel({ run }: { readonly run: TestRun }) {
  const { running, result, problem, steps, cancel } = run
  if (!running && !result && !problem) return null
  return (
    <section aria-label="Connection test" data-testid="connection-test">
      <div className={classes.testHead} aria-live="polite">
        {running && <b className={classes.running}>Testing…</b>}
        {result && (
          <b data-testid="test-verdict" className={result.ok ? classes.works : classes.fails}>
            {result.ok ? 'The connection works' : 'A step failed'}
          </b>
        )}
        {result && <span className="cell-sub">{formatSeconds(result.seconds)} in all</span>}
        <span className="spacer" />
        {running && (
          <Button size="compact-xs" variant="default" onClick={cancel}>
            Cancel
          </Button>
        )}
        {result && (
          <CopyButton value={testText(result)}>
            {({ copied, copy }) => (
              <Button size="compact-xs" variant="default" onClick={copy}>
                {copied ? 'Copied' : 'Copy as text'}
              </Button>
            )}
          </CopyButton>
        )}
      </div>
      {problem && <ProblemNotice problem={problem} attempt="Connection test" />}
      <TestSteps steps={steps} />
    </section>
  )
}
