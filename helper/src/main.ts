// Entry of the helper: streams, signals and the exit code.
import { writeSync } from 'node:fs'
import { Problem } from '../../src/shared/problem.ts'
import { stateFolders } from './changes/state-folders.ts'
import { openIo } from './cli/command-io.ts'
import { runCommand } from './cli/run-command.ts'
import { beginWatch } from './held/watch.ts'
import { liveKernel } from './kernel/kernel-root.ts'
import { goBeforeGuests } from './kernel/oom-score.ts'
import { errnoOf } from './kernel/system-error.ts'

// Both are put in by the build; run from source, there is nothing to compare.
const version = process.env.SINGLETON_VERSION ?? 'development'
const digest = process.env.SINGLETON_BUILD_DIGEST ?? 'development'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => controller.abort(new Problem('cancelled', `cancelled by ${signal}`)))
}

goBeforeGuests(liveKernel)
beginWatch(stateFolders(process.env))

const io = openIo(writeAll, { isTty: process.stderr.isTTY === true, signal: controller.signal })
process.exitCode = await runCommand(
  process.argv.slice(2),
  `singleton-helper ${version} (build ${digest})`,
  io,
)

/** Whole, before the process can end; a reader that has gone is no reason to fail. */
function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  let written = 0
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written)
    } catch (error) {
      if (errnoOf(error) === 'EPIPE') return
      if (errnoOf(error) !== 'EAGAIN') throw error
      Bun.sleepSync(1)
    }
  }
}
