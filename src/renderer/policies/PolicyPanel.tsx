// The policy of a host: what runs and what it brings, or an editor with a dry run beside it.
import { Badge, Skeleton } from '@mantine/core'
import type { HostView, PolicyStatus } from '../../shared/contract/index.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import { Panel } from '../ui/Panel.tsx'
import { AssignmentNote } from './AssignmentNote.tsx'
import { modeOnHost } from './mode-on-host.ts'
import { PolicyEditor } from './PolicyEditor.tsx'
import { PolicyHistory } from './PolicyHistory.tsx'
import { PolicyNotices } from './PolicyNotices.tsx'
import { PolicyRunView } from './PolicyRunView.tsx'
import { ReplaceRunning } from './ReplaceRunning.tsx'
import { ServiceSection } from './ServiceSection.tsx'
import { usePolicyStatus } from './use-policy-status.ts'
import { useServiceStatus } from './use-service-status.ts'

export function PolicyPanel({ view }: { readonly view: HostView }) {
  const { status, problem, reload } = usePolicyStatus(view)
  const service = useServiceStatus(view)
  const running = status?.run
  const isAsked = status === undefined && problem === undefined && view.connection.state === 'connected'
  return (
    <>
      <Panel
        title="Policy"
        note={running ? describeMode(running.mode) : describeNone(view, status)}
        aside={
          running && (
            <Badge variant="light">{`scrub ${running.policy.scrub.mode}, KSM ${running.policy.ksm.mode}`}</Badge>
          )
        }
        testId="policy-panel"
      >
        {problem && <ProblemNotice attempt="Ask what runs on this host" problem={problem} />}
        {status && <PolicyNotices status={status} />}
        <AssignmentNote view={view} run={running} />
        {running ? (
          <>
            <PolicyRunView view={view} run={running} onStopped={reload} />
            {running.mode === 'service' && <ReplaceRunning view={view} run={running} onReplaced={reload} />}
          </>
        ) : isAsked ? (
          <Skeleton height={240} role="status" aria-label="Asking what runs on this host" />
        ) : (
          <PolicyEditor view={view} mode={modeOnHost(service)} onStarted={reload} />
        )}
        {service.status && (
          <ServiceSection
            view={view}
            status={service.status}
            policy={running?.mode === 'session' ? running.policy : undefined}
            onChanged={(answer) => {
              service.show(answer)
              reload()
            }}
          />
        )}
      </Panel>
      <PolicyHistory view={view} run={running} />
    </>
  )
}

/** That none runs is said only where it was asked for. */
function describeNone({ host }: HostView, status: PolicyStatus | undefined): string {
  if (status === undefined) return 'scrubs and merges on its own, within its guards'
  return host.mode === 'observe'
    ? 'none runs here now; while the host is observed, it can be tried without changing anything'
    : 'none runs here now'
}

function describeMode(mode: 'session' | 'service'): string {
  return mode === 'session'
    ? 'session mode: when the workbench disconnects, it ends and puts everything back'
    : 'service mode: goes on while nobody is connected'
}
