import { Checkbox, Skeleton } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { DesktopContract, NewHost, Result } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useStore } from '../store/use-fleet.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import classes from './CandidateList.module.css'

type Candidates = Result<DesktopContract, 'hosts/candidates'>

interface CandidateListProps {
  readonly picked: readonly NewHost[]
  readonly onPick: (hosts: readonly NewHost[]) => void
}

/** The hosts that ~/.ssh/config names; those already saved cannot be picked again. */
export function CandidateList({ picked, onPick }: CandidateListProps) {
  const store = useStore()
  const [candidates, setCandidates] = useState<Candidates>()
  const [problem, setProblem] = useState<ProblemData>()
  useEffect(() => {
    store
      .call('hosts/candidates', {})
      .then(setCandidates, (error: unknown) => setProblem(asProblem(error).toData()))
  }, [store])
  if (problem) return <ProblemNotice problem={problem} attempt="Read ~/.ssh/config" />
  if (!candidates) return <Skeleton height={120} aria-label="Reading ~/.ssh/config" />
  if (candidates.length === 0) return <p className="missing">~/.ssh/config names no host.</p>
  const isPicked = (alias: string) => picked.some(({ address }) => address === alias)
  const toggle = (alias: string) =>
    onPick(
      isPicked(alias) ? picked.filter(({ address }) => address !== alias) : [...picked, { address: alias }],
    )
  const free = candidates.filter(({ saved }) => !saved)
  const all = free.length > 0 && free.every(({ alias }) => isPicked(alias))
  return (
    <div className={classes.candidates}>
      <Checkbox
        size="xs"
        label={`All ${free.length} that have not been added yet`}
        disabled={free.length === 0}
        checked={all}
        indeterminate={!all && picked.length > 0}
        onChange={() => onPick(all ? [] : free.map(({ alias }) => ({ address: alias })))}
      />
      {candidates.map(({ alias, hostName, user, port, saved }) => (
        <Checkbox
          key={alias}
          size="xs"
          label={alias}
          description={`${user ? `${user}@` : ''}${hostName}${port ? `:${port}` : ''}${saved ? ' · already added' : ''}`}
          disabled={saved}
          checked={isPicked(alias)}
          onChange={() => toggle(alias)}
        />
      ))}
    </div>
  )
}
