// What a running policy brought and what it cost, as its last round tells.
import { Progress } from '@mantine/core'
import type { PolicyRound, PolicyRun } from '../../shared/contract/index.ts'
import { formatBytes, formatPercent } from '../../shared/units.ts'
import { notReported } from '../ui/Figure.tsx'
import classes from './policies.module.css'
import { realisedOf } from './realised.ts'

interface PolicyFactsProps {
  readonly last: PolicyRound
  readonly run: PolicyRun
}

/** Figures since the start of the run, and how much of what could be won was. */
export function PolicyFacts({ last, run }: PolicyFactsProps) {
  return (
    <>
      <dl className={classes.facts} data-testid="policy-facts">
        {factsOf(last, run).map(([label, value, note]) => (
          <div key={label} className={classes.fact}>
            <dt>{label}</dt>
            <dd>{value}</dd>
            {note !== undefined && <dd className={classes.factNote}>{note}</dd>}
          </div>
        ))}
      </dl>
      <Realised last={last} />
    </>
  )
}

type Fact = readonly [label: string, value: string, note?: string | undefined]

function factsOf(last: PolicyRound, run: PolicyRun): readonly Fact[] {
  const { ksm, cpu, hugePages } = last
  const isGoverning = run.policy.ksm.mode === 'govern'
  return [
    ['Evicted', formatBytes(last.evictedBytes), 'since the start'],
    ['Came back', formatBytes(last.returnedBytes), shareOf(last.returnedBytes, last.evictedBytes)],
    [
      'Merged now',
      ksm === undefined ? notReported : formatBytes(ksm.mergedBytes),
      ksm && `${signed(ksm.mergedSinceBytes)} since the start`,
    ],
    [
      'Huge pages lost',
      hugePages === undefined
        ? notReported
        : formatBytes(Math.max(0, hugePages.atStartBytes - hugePages.nowBytes)),
      hugePages &&
        `of ${formatBytes(hugePages.atStartBytes)}; ${formatBytes(hugePages.givenBackBytes)} given back`,
    ],
    [
      'ksmd, of one core',
      cpu.ksmdRatio === undefined ? 'not visible' : formatPercent(cpu.ksmdRatio),
      ksmdNote(run),
    ],
    [
      'Helper, of one core',
      formatPercent(cpu.helperRatio),
      isGoverning ? 'measures and evicts' : 'looks and evicts',
    ],
  ]
}

function ksmdNote({ policy }: PolicyRun): string {
  return policy.ksm.mode === 'govern' ? `budget ${formatPercent(policy.ksm.cpuRatio)}` : 'KSM is left alone'
}

function shareOf(part: number, whole: number): string {
  return whole === 0 ? 'nothing was evicted' : `${formatPercent(part / whole)} of what was evicted`
}

/** Potential against realised: of what could be merged, and of what is cached twice. */
function Realised({ last }: { readonly last: PolicyRound }) {
  return (
    <ul className={classes.guards} data-testid="policy-realised">
      {realisedOf(last).map(({ name, ratio, text }) => (
        <li key={name} className={classes.guard}>
          <span>{name}</span>
          <Progress value={(ratio ?? 0) * 100} color="teal" aria-label={`${name}: ${text}`} />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  )
}

function signed(bytes: number): string {
  return bytes > 0 ? `+${formatBytes(bytes)}` : formatBytes(bytes)
}
