// How a connection reads on screen, and how urgent it is. Pure.
import type { Connection, HostView } from '../../shared/contract/index.ts'
import type { ProblemData } from '../../shared/problem.ts'
import { problemTitles } from './problem-titles.ts'
import type { Tone } from './tone.ts'

export interface HostState {
  readonly label: string
  readonly tone: Tone
  /** Lower comes first when sorted by state. */
  readonly urgency: number
  readonly reason: string | undefined
  readonly since: number
}

/** A key that differs from the known one, or a revoked one: nothing is sent to such a host. */
export function isBlocked(problem: ProblemData | undefined): boolean {
  return problem?.code === 'host-key-changed' || problem?.code === 'host-key-revoked'
}

export function problemOf(connection: Connection): ProblemData | undefined {
  return connection.state === 'disconnected' || connection.state === 'waiting'
    ? connection.problem
    : undefined
}

export function describeState(view: HostView): HostState {
  const { connection } = view
  const { since } = connection
  const problem = problemOf(connection)
  const reason = problem && problemTitles[problem.code]
  switch (connection.state) {
    case 'connected':
      return { label: 'Connected', tone: 'good', urgency: 3, reason: undefined, since }
    case 'connecting':
      // As one that is down: while it is tried again and again, its row stays where it is.
      return { label: 'Connecting', tone: 'busy', urgency: 1, reason: connection.step, since }
    case 'waiting':
      return { label: 'Down', tone: 'bad', urgency: 1, reason, since }
    case 'disconnected':
      if (isBlocked(problem)) return { label: 'Blocked', tone: 'bad', urgency: 0, reason, since }
      if (problem) return { label: 'Failed', tone: 'bad', urgency: 1, reason, since }
      return { label: 'Disconnected', tone: 'idle', urgency: 2, reason: undefined, since }
  }
}
