// Which named policy a host is meant to run, and whether what runs there is that one.
import type { HostView, PolicyRun } from '../../shared/contract/index.ts'
import { findAssignment, isSamePolicy } from '../../shared/policies/assignment.ts'
import { linkTo } from '../model/route.ts'
import { Notice } from '../ui/Notice.tsx'
import classes from './policies.module.css'
import { useNamedPolicies } from './use-policy-library.ts'

interface AssignmentNoteProps {
  readonly view: HostView
  readonly run: PolicyRun | undefined
}

export function AssignmentNote({ view, run }: AssignmentNoteProps) {
  const { value: policies } = useNamedPolicies()
  if (policies === undefined) return null
  const assignment = findAssignment(view.host, policies)
  if (assignment.kind === 'several')
    return (
      <Notice
        tone="warn"
        title="Several policies are assigned to the tags of this host"
        testId="policy-assigned"
      >
        {assignment.names.join(', ')}: none of them applies. <a href={linkTo('policies')}>Assign one</a>
      </Notice>
    )
  if (assignment.kind === 'none')
    return (
      <p className={classes.note} data-testid="policy-assigned">
        No named policy is assigned to this host. <a href={linkTo('policies')}>Policies</a>
      </p>
    )
  const { policy, tag } = assignment
  return (
    <p className={classes.note} data-testid="policy-assigned">
      Assigned{tag === undefined ? '' : ` by the tag ${tag}`}: <a href={linkTo('policies')}>{policy.name}</a>,
      version {policy.version}. {describeRunning(run, policy.text)}
    </p>
  )
}

function describeRunning(run: PolicyRun | undefined, text: string): string {
  if (run === undefined) return 'It is not running here now.'
  return isSamePolicy(text, run.policy) ? 'This policy runs here.' : 'Another policy runs here.'
}
