import { afterEach, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { explainRest } from './explain-rest.ts'

let host: FixtureHost
afterEach(() => host.remove())

it.each([
  ['0', 0, []],
  ['3', 0, ['contents found more than 256 times are kept in 3 copies']],
  ['0', 1024, ["4 MiB of guests' memory changed between two passes, so that ksmd did not compare them"]],
])('explains %s copies and %i volatile pages', async (copies, pagesVolatile, reasons) => {
  host = makeFixtureHost('linux-6.18')
  host.write('stable_node_dups', `${copies}\n`)
  host.write('max_page_sharing', '256\n')
  expect(await explainRest(host.context.root, { pagesVolatile })).toEqual(reasons)
})
