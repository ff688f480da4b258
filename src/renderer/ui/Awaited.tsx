// What was asked of main: that it is being read, why it cannot be, or what it is.
import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ProblemData } from '../../shared/problem.ts'
import { ProblemNotice } from './Notice.tsx'

interface AwaitedProps<T> {
  readonly answer: { readonly value: T | undefined; readonly problem: ProblemData | undefined }
  /** What is attempted, as a verb and its object: "Read the audit". */
  readonly attempt: string
  /** What is being read, such as "the audit". */
  readonly reading: string
  /** Of the space held until it is there, in pixels. */
  readonly height?: number
  readonly children: (value: T) => ReactNode
}

/** Beside figures that could not be renewed. */
export const readEarlier = 'What follows was read earlier and may be old.'

/** After a failure what was known before stays, below the notice that says it could not be renewed. */
export function Awaited<T>({
  answer: { value, problem },
  attempt,
  reading,
  height = 120,
  children,
}: AwaitedProps<T>) {
  return (
    <>
      {problem && <ProblemNotice problem={problem} attempt={attempt} />}
      {problem && value !== undefined && <p className="panel-note">{readEarlier}</p>}
      {!problem && value === undefined && (
        <Skeleton height={height} role="status" aria-label={`Reading ${reading}`} />
      )}
      {value !== undefined && children(value)}
    </>
  )
}
