// What was asked of main: that it is being read, why it cannot be, or what it is.
import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Answer } from '../store/use-answer.ts'
import { ProblemNotice } from './Notice.tsx'
import { ReadEarlier } from './ReadEarlier.tsx'

interface AwaitedProps<T> {
  readonly answer: Answer<T>
  /** What is attempted, as a verb and its object: "Read the audit". */
  readonly attempt: string
  /** What is being read, such as "the audit". */
  readonly reading: string
  /** Of the space held until it is there, in pixels. */
  readonly height?: number
  readonly children: (value: T) => ReactNode
}

/** After a failure what was known before stays, below the notice that says it could not be renewed. */
export function Awaited<T>({
  answer: { value, problem, readAt },
  attempt,
  reading,
  height = 120,
  children,
}: AwaitedProps<T>) {
  return (
    <>
      {problem && <ProblemNotice problem={problem} attempt={attempt} />}
      {problem && value !== undefined && <ReadEarlier at={readAt} />}
      {!problem && value === undefined && (
        <Skeleton height={height} role="status" aria-label={`Reading ${reading}`} />
      )}
      {value !== undefined && children(value)}
    </>
  )
}
