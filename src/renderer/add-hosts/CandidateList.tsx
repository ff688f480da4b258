import { Checkbox } from '@mantine/core'
import type { DesktopContract, NewHost, Result } from '../../shared/contract/index.ts'
import { useAnswer } from '../store/use-answer.ts'
import { Awaited } from '../ui/Awaited.tsx'
import classes from './CandidateList.module.css'

interface CandidateListProps {
  readonly picked: readonly NewHost[]
  readonly onPick: (hosts: readonly NewHost[]) => void
}

/** The hosts that ~/.ssh/config names; those already saved cannot be picked again. */
export function CandidateList({ picked, onPick }: CandidateListProps) {
  const answer = useAnswer((store, options) => store.call('hosts/candidates', {}, options))
  return (
    <Awaited answer={answer} attempt="Read ~/.ssh/config" reading="~/.ssh/config">
      {(candidates) => <Candidates {...{ candidates, picked, onPick }} />}
    </Awaited>
  )
}

interface CandidatesProps extends CandidateListProps {
  readonly candidates: Result<DesktopContract, 'hosts/candidates'>
}

function Candidates({ candidates, picked, onPick }: CandidatesProps) {
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
