// What an admin has to know before a policy of this host is started or stopped.
import type { PolicyStatus } from '../../shared/contract/index.ts'
import { Notice } from '../ui/Notice.tsx'

export function PolicyNotices({ status }: { readonly status: PolicyStatus }) {
  return (
    <>
      {status.heldBy && (
        <Notice tone="warn" title="Another process changes this host" testId="policy-held">
          Process {status.heldBy.pid} ({status.heldBy.who}) has been running “{status.heldBy.action}” since{' '}
          {new Date(status.heldBy.since).toLocaleString()}. A policy can start here once that has ended.
        </Notice>
      )}
      {status.holderUnknown && (
        <Notice tone="warn" title="Holder unknown" testId="policy-holder-unknown">
          Another process may change this host: {status.holderUnknown}
        </Notice>
      )}
      {status.warning && (
        <Notice tone="warn" title="The service needs attention" testId="policy-warning">
          {status.warning}
        </Notice>
      )}
      {status.ended && !status.run && (
        <Notice tone="bad" title="The last policy ended without a request">
          {status.ended}
        </Notice>
      )}
    </>
  )
}
