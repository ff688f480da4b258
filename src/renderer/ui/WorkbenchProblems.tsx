import { useFleet } from '../store/use-fleet.ts'
import { ProblemNotice } from './Notice.tsx'

/** What keeps the workbench itself from part of its work, on every page for as long as it lasts. */
export function WorkbenchProblems() {
  const problems = useFleet((fleet) => fleet.problems)
  return problems.map((problem) => (
    <ProblemNotice key={problem.message} problem={problem} testId="workbench-problem" />
  ))
}
