import { Checkbox, Skeleton } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { DesktopContract, Result } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useStore } from '../store/use-fleet.ts'
import { ProblemNotice } from '../ui/Notice.tsx'

type Candidates = Result<DesktopContract, 'hosts/candidates'>

interface CandidateListProps {
  readonly picked: readonly string[]
  readonly onPick: (aliases: readonly string[]) => void
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
  const toggle = (alias: string) =>
    onPick(picked.includes(alias) ? picked.filter((other) => other !== alias) : [...picked, alias])
  return (
    <div style={{ maxHeight: 260, overflow: 'auto', display: 'grid', gap: 7, padding: 2 }}>
      {candidates.map(({ alias, hostName, user, port, saved }) => (
        <Checkbox
          key={alias}
          size="xs"
          label={alias}
          description={`${user ? `${user}@` : ''}${hostName}${port ? `:${port}` : ''}${saved ? ' · already added' : ''}`}
          disabled={saved}
          checked={picked.includes(alias)}
          onChange={() => toggle(alias)}
        />
      ))}
    </div>
  )
}
