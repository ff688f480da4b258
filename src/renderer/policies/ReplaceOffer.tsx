// A start that was refused, as the host's service has another policy: whose it is, and replacing it after a question.
import { IconReplace } from '@tabler/icons-react'
import { useState } from 'react'
import type { ProblemData } from '../../shared/problem.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { ProblemNotice } from '../ui/Notice.tsx'
import { explainReplace } from './replace-policy.ts'

interface ReplaceOfferProps {
  readonly hostName: string
  /** Names the policy that the service has, who set it, and when. */
  readonly problem: ProblemData
  readonly busy: boolean
  /** Why it cannot be replaced now. */
  readonly refusal: string | undefined
  readonly onReplace: () => void
}

export function ReplaceOffer({ hostName, problem, busy, refusal, onReplace }: ReplaceOfferProps) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <ProblemNotice
        problem={problem}
        testId="policy-other"
        aside={
          <ActButton
            testId="policy-replace"
            icon={IconReplace}
            busy={busy}
            refusal={refusal}
            onClick={() => setAsking(true)}
          >
            Replace it…
          </ActButton>
        }
      />
      <ConfirmDialog
        opened={asking}
        title={`Replace the policy of ${hostName}?`}
        confirmLabel="Replace the policy"
        danger
        onClose={() => setAsking(false)}
        onConfirm={onReplace}
      >
        {explainReplace(problem.message)}
      </ConfirmDialog>
    </>
  )
}
