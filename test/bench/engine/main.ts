// Entry of the benchmarks' own program on the helper's engine, compiled as the helper is.
import { UsageError } from '../../../helper/src/cli/parse-command.ts'
import { runSnapshotBench } from './snapshot-bench.ts'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())

try {
  process.exitCode = await runSnapshotBench(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTty: false,
    signal: controller.signal,
  })
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
