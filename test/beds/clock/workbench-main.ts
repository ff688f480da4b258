// The workbench's services with this machine as their host, in a process of its own, whose clock a test can step:
// for each line on stdin it prints one line of JSON, what screens would be told.
import { createInterface } from 'node:readline'
import { findSshEnvironment } from '../../../src/main/installation.ts'
import { createWorkbench } from '../../../src/main/workbench.ts'
import { quiet } from '../../fakes/quiet.ts'

export interface Report {
  readonly fleet: unknown
  readonly series: unknown
  readonly log: readonly string[]
}

const home = process.argv[2] ?? ''
const workbench = await createWorkbench({
  dataDirectory: `${home}/data`,
  environment: findSshEnvironment({ HOME: home }),
  version: '0.0.0',
  stay: 'resident',
  onProblem: (problem) => {
    throw problem
  },
})
const { handlers } = workbench
const { id: hostId } = await handlers['hosts/add']({ address: 'local' }, quiet)
for await (const _ of createInterface({ input: process.stdin })) {
  const fleet = await handlers['fleet/list']({}, quiet)
  const range = { from: fleet.at - 60_000, to: fleet.at + 1000, points: 100 }
  const series = await handlers['history/series']({ hostId, ...range, metrics: ['freeBytes'] }, quiet)
  const log = await handlers['hosts/log']({ hostId }, quiet)
  const report: Report = { fleet, series, log: log.map(({ text }) => text) }
  process.stdout.write(`${JSON.stringify(report)}\n`)
}
await workbench.close()
