// Why a goal of the suite is missed where it is, and what to try next; printed beside the figure.
import type { GoalName } from './goals.ts'

export const misses: Readonly<Record<GoalName, string>> = {
  hits: '',
  operations: '',
  harm: '',
  cpu: '',
  reclaim: '',
}
