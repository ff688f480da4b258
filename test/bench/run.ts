// npm run bench: measures on lab guests and writes docs/benchmarks.md.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { upBenchLab } from './bench-lab.ts'
import { describeMachine } from './machine.ts'
import { formatReport } from './report.ts'
import { measureSnapshot } from './snapshot.ts'

const root = dirname(dirname(import.meta.dirname))

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      out: { type: 'string', default: join(root, 'docs/benchmarks.md') },
    },
  })
  const lab = await upBenchLab({ hosts: [{ guests: 2 }] }, (line) => console.error(line))
  try {
    const plan = { rounds: Number(values.rounds), mergeTimeoutMs: 30_000 }
    const snapshot = await measureSnapshot(lab, plan)
    writeFileSync(values.out, formatReport({ machine: describeMachine(), snapshot }))
    console.log(JSON.stringify({ ...snapshot, raw: undefined }, null, 2))
  } finally {
    await lab.down()
  }
}

await main()
