// Capacity of one host: how many more guests like one it carries, now and under a policy, with the bad day beside it.
import { Skeleton } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { HostView } from '../../shared/contract/index.ts'
import { hostLink, type Route, showInstead } from '../model/route.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import { CapacityControls } from './CapacityControls.tsx'
import { CapacityResult } from './CapacityResult.tsx'
import classes from './capacity.module.css'
import { useCapacity } from './use-capacity.ts'
import { useQuestion, whyNotAsked, withChoice } from './use-question.ts'

interface CapacityTabProps {
  readonly view: HostView
  readonly route: Route
}

export function CapacityTab({ view, route: { query } }: CapacityTabProps) {
  const hostId = view.host.id
  const { byHost, busy, step, make, cancel } = useCapacity()
  const { policies, policyName, problem, like, policy } = useQuestion(query)
  const isConnected = view.connection.state === 'connected'
  const isAssessed = view.assessment !== undefined
  const estimate = byHost.get(hostId)
  const ask = (anew: boolean) => make([hostId], { like, policy, anew })
  // Once contents are known an estimate takes two seconds and reads no guest memory, so nobody has to ask for it.
  const asked = useRef(false)
  const isDue = isConnected && isAssessed && (policyName === undefined || policy !== undefined)
  useEffect(() => {
    if (!isDue || asked.current) return
    asked.current = true
    void make([hostId], { like, policy, anew: false })
  }, [isDue, make, hostId, like, policy])
  return (
    <>
      <Panel title="Capacity" testId="capacity">
        <CapacityControls
          guests={view.assessment?.guests.map(({ name }) => name) ?? []}
          {...{ policies, policyName, like, busy, step }}
          refusal={isConnected ? whyNotAsked({ policyName, policy }) : 'Connect the host first.'}
          hasEstimate={estimate?.capacity !== undefined}
          onChoose={(choice) => showInstead(hostLink(hostId, 'hostCapacity', withChoice(query, choice)))}
          onAsk={(anew) => void ask(anew)}
          onCancel={cancel}
        />
        {problem && <ProblemNotice attempt="Use the policy" problem={problem} />}
        {estimate?.problem && (
          <ProblemNotice attempt="Estimate" problem={estimate.problem} testId="capacity-problem" />
        )}
        {estimate === undefined && !busy && (
          <p className={classes.note} data-testid="capacity-empty">
            How many more guests like one of these fit here, what limits them, and what happens on a bad day.
            An estimate compares guests’ RAM by content, as an assessment does, looks at rates for two
            seconds, and changes nothing.
          </p>
        )}
      </Panel>
      {estimate?.capacity === undefined && busy && (
        <Skeleton role="status" height={320} aria-label="Estimating" data-testid="capacity-loading" />
      )}
      {estimate?.capacity && <CapacityResult capacity={estimate.capacity} />}
    </>
  )
}
