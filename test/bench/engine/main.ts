// Entry of the benchmarks' own program on the helper's engine, compiled as the helper is.
import { openIo } from '../../../helper/src/cli/command-io.ts'
import { UsageError } from '../../../helper/src/cli/parse-command.ts'
import { runSnapshotBench } from './snapshot-bench.ts'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())

try {
  const write = (fd: 1 | 2, text: string) => (fd === 1 ? process.stdout : process.stderr).write(text)
  const io = openIo(write, { isTty: false, signal: controller.signal })
  process.exitCode = await runSnapshotBench(process.argv.slice(2), io)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
