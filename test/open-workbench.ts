// The workbench as tests have it: of a person with a home, and any problem that is told on the side ends the test.
import { join } from 'node:path'
import { findSshEnvironment } from '../src/main/installation.ts'
import { createWorkbench, type Workbench, type WorkbenchOptions } from '../src/main/workbench.ts'

export function openWorkbench(
  home: string,
  { dataDirectory = join(home, 'data'), stay = 'resident' }: Partial<WorkbenchOptions> = {},
): Promise<Workbench> {
  return createWorkbench({
    dataDirectory,
    environment: findSshEnvironment({ HOME: home }),
    version: '0.0.0',
    stay,
    onProblem: (problem) => {
      throw problem
    },
  })
}
