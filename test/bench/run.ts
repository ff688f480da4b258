// npm run bench [-- NAME… --rounds N --only PART,… --add --out FOLDER]: measures on lab guests and writes docs/benchmarks.md.

import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { withValue } from '../../src/shared/with-value.ts'
import { downOwnLabs } from '../beds/lab/lab.ts'
import { describeMachine } from './machine.ts'
import { readRaw, writeReport } from './report.ts'
import type { Measured } from './section.ts'
import { reportParts, sections } from './sections.ts'

const root = dirname(dirname(import.meta.dirname))

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      only: { type: 'string' },
      // Pools the runs with those that the report holds, where one sitting is too short for all. Without it, parts that
      // --only leaves out stay as they are, where a benchmark has parts that stand alone.
      add: { type: 'boolean', default: false },
      out: { type: 'string', default: join(root, 'docs') },
    },
  })
  const names = sections.map(({ name }) => name)
  const unknown = positionals.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new Error(`cannot measure "${unknown}": no such benchmark; there are ${names.join(', ')}`)
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('cannot measure: --rounds is a number from 1')
  for (const section of sections) {
    if (positionals.length > 0 && !positionals.includes(section.name)) continue
    console.error(`${section.title}: measuring`)
    const isPartial = values.add || values.only !== undefined
    const earlier = isPartial ? readRaw(values.out, section.name) : undefined
    const only = values.only === undefined ? '' : ` --only ${values.only}`
    const add = values.add ? ' --add' : ''
    const command = `npm run bench -- ${section.name} --rounds ${rounds}${only}${add}`
    const write = (measured: Measured) => {
      writeReport(values.out, { section, measured, machine: describeMachine(), command }, reportParts)
    }
    const measured = await section.measure({
      rounds,
      ...(values.only !== undefined && { only: values.only.split(',') }),
      ...withValue({ earlier }),
      adds: values.add,
      say: (line) => console.error(line),
      keep: write,
    })
    write(measured)
    console.log(measured.text)
  }
}

let ending: Promise<void> | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    ending ??= endEarly(signal)
  })

/** What was measured until then is in the report. */
async function endEarly(signal: string): Promise<void> {
  console.error(`${signal}: taking the guests down`)
  await downOwnLabs()
  process.exit(130)
}

try {
  await main()
} catch (error) {
  // Without its guests it fails before they are all gone.
  await ending
  throw error
}
