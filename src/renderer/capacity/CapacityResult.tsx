// What an estimate says of one host: both scenarios beside each other, what one more guest takes, and the memory there is.
import type { Capacity } from '../../shared/contract/index.ts'
import { times } from '../../shared/text/capacity-text.ts'
import { formatBytes } from '../../shared/units.ts'
import { formatMoment } from '../ui/moments.ts'
import { Notice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import { Answer } from './Answer.tsx'
import classes from './capacity.module.css'
import { ScenarioPanel } from './ScenarioPanel.tsx'

export function CapacityResult({ capacity }: { readonly capacity: Capacity }) {
  const { scenarios, stale, notes } = capacity
  return (
    <div data-testid="capacity-result" className={classes.result}>
      {stale !== undefined && (
        <Notice tone="warn" title="These figures are of an earlier moment" testId="capacity-stale">
          {stale} Compare contents again for figures of now.
        </Notice>
      )}
      <div className={classes.scenarios}>
        {scenarios.map((scenario) => (
          <ScenarioPanel key={scenario.kind} capacity={capacity} scenario={scenario} />
        ))}
      </div>
      <div className={classes.scenarios}>
        <OneMore capacity={capacity} />
        <MemoryNow capacity={capacity} />
      </div>
      {notes.map((note) => (
        <p key={note} className={classes.note}>
          {note}
        </p>
      ))}
    </div>
  )
}

function OneMore({ capacity: { like } }: { readonly capacity: Capacity }) {
  if (like === undefined)
    return (
      <Panel title="One more guest">
        <p className={classes.note}>No guest runs here, so one more cannot be estimated.</p>
      </Panel>
    )
  return (
    <Panel title={`One more guest like ${like.name}`} testId="capacity-like-parts">
      <table className={classes.figures} aria-label="What one more guest takes">
        <tbody>
          <Row label="RAM" value={formatBytes(like.ramBytes)} />
          <Row label="Resident" value={formatBytes(like.residentBytes)} />
          <Row label="Unique: nobody else has it" value={formatBytes(like.uniqueBytes)} />
          <Row label="Shared or zero" value={formatBytes(like.sharedBytes)} />
          <Row
            label="Page tables, QEMU, KSM"
            value={<Answer answer={like.overhead} format={formatBytes} />}
          />
          <Row label="Swapped" value={<Answer answer={like.swapped} format={formatBytes} />} />
          <Row label="Expected growth" value={<Answer answer={like.growth} format={formatBytes} />} />
          <Row label="Its balloon leaves it" value={<Answer answer={like.balloon} format={formatBytes} />} />
        </tbody>
      </table>
      <p className={classes.note}>{like.hugePages}</p>
    </Panel>
  )
}

function MemoryNow({ capacity: { memory, overcommit, assessedAt } }: { readonly capacity: Capacity }) {
  const { swapTotalBytes, swapUsedBytes, promisedBytes, physicalBytes, ratio } = overcommit
  const swap =
    swapTotalBytes === 0 ? 'none' : `${formatBytes(swapUsedBytes)} of ${formatBytes(swapTotalBytes)} used`
  return (
    <Panel title="Memory" note={`contents compared ${formatMoment(assessedAt)}`} testId="capacity-memory">
      <table className={classes.figures} aria-label="Memory now">
        <tbody>
          <Row label="Total" value={formatBytes(memory.totalBytes)} />
          {memory.limitBytes !== undefined && (
            <Row label="Limit of the guests’ control group" value={formatBytes(memory.limitBytes)} />
          )}
          <Row label="Free" value={formatBytes(memory.freeBytes)} />
          <Row
            label="Cache that can go"
            value={<Answer answer={memory.reclaimable} format={formatBytes} />}
          />
          <Row label="Images cached" value={formatBytes(memory.imageCacheBytes)} />
          <Row label="Double cached" value={formatBytes(memory.doubleCachedBytes)} />
          <Row label="Mergeable" value={formatBytes(memory.mergeableBytes)} />
          <Row label="Merged" value={<Answer answer={memory.mergedBytes} format={formatBytes} />} />
          <Row
            label="Promised to guests"
            value={`${formatBytes(promisedBytes)} of ${formatBytes(physicalBytes)} (${times(ratio)})`}
          />
          <Row label="Swap" value={swap} />
          <Row
            label="Committed, of all processes"
            value={<Answer answer={overcommit.committed} format={formatBytes} />}
          />
        </tbody>
      </table>
    </Panel>
  )
}

function Row({ label, value }: { readonly label: string; readonly value: React.ReactNode }) {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td>{value}</td>
    </tr>
  )
}
