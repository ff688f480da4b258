// npm run soak [-- --minutes N --without-ksm --staying real|large --out FOLDER]: soaks the helper and writes its part of docs/benchmarks.md.
// Exit code 1 where memory grows beyond the bound, or anything went wrong.
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine } from '../bench/machine.ts'
import { writeReport } from '../bench/report.ts'
import { reportParts } from '../bench/sections.ts'
import { describeGrowth } from './memory-trend.ts'
import { soak } from './soak.ts'
import { formatSoak } from './soak-report.ts'

const STAYING = ['none', 'real', 'large'] as const
const root = dirname(dirname(import.meta.dirname))

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    staying: { type: 'string', default: 'none' },
    'without-ksm': { type: 'boolean', default: false },
    out: { type: 'string', default: join(root, 'docs') },
  },
})
const minutes = Number(values.minutes)
if (!(minutes >= 1)) throw new Error('cannot soak: --minutes is a number from 1')
const staying = STAYING.find((one) => one === values.staying)
if (staying === undefined) throw new Error(`cannot soak: --staying is one of ${STAYING.join(', ')}`)
const machine = describeMachine()
const result = await soak({
  minutes,
  staying,
  withKsm: !values['without-ksm'],
  say: (line) => console.error(line),
})
const measured = formatSoak(result)
const options = [
  values['without-ksm'] ? ' --without-ksm' : '',
  staying === 'none' ? '' : ` --staying ${staying}`,
]
const command = `npm run soak -- --minutes ${minutes}${options.join('')}`
const section =
  staying === 'none'
    ? { name: 'soak', title: 'Soak' }
    : { name: `soak-${staying}`, title: `Soak beside ${staying} guests` }
writeReport(values.out, { section, measured, machine, command }, reportParts)
console.log(measured.text)
const growth = [describeGrowth(result.serve), describeGrowth(result.govern)].filter(
  (text) => text !== undefined,
)
for (const text of [...growth, ...result.failures]) console.error(text)
process.exitCode = growth.length + result.failures.length > 0 ? 1 : 0
