// A figure with its interval, or in words why it is not known or what keeps it from being limited.
import type { CapacityAnswer } from '../../shared/contract/index.ts'
import { describeAnswer } from '../../shared/text/capacity-text.ts'

interface AnswerProps {
  readonly answer: CapacityAnswer
  readonly format: (value: number) => string
  readonly testId?: string
}

export function Answer({ answer, format, testId }: AnswerProps) {
  const text = describeAnswer(answer, format)
  if (answer.kind !== 'known')
    return (
      <span className="missing" data-kind={answer.kind} data-testid={testId}>
        {text}
      </span>
    )
  return (
    <span data-kind="known" data-best={answer.best} data-testid={testId}>
      {text}
    </span>
  )
}
