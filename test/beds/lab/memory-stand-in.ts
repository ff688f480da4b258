// Guests whose memory is laid out block by block; see memory-stand-in.c.
import { join } from 'node:path'
import type { LabHost } from './lab-host.ts'
import { listNamespace, waitUntil } from './processes.ts'
import { runOk } from './run.ts'

const READY_TIMEOUT_MS = 60_000

/** Into a folder, linked statically, so that it runs in any root; returns its path. */
export async function buildMemoryStandIn(folder: string): Promise<string> {
  const program = join(folder, 'qemu-system-memory')
  const source = join(import.meta.dirname, 'memory-stand-in.c')
  await runOk('gcc', ['-O2', '-Wall', '-Werror', '-static', '-o', program, source])
  return program
}

export interface MemoryStandIn {
  /** As the tests see it. */
  readonly pid: number
  readonly pidInHost: number
  end(): Promise<void>
}

/** Starts one in a lab host, with which it ends. `blocks` and `drives` as its options -block and -drive have them. */
export async function startMemoryStandIn(
  host: LabHost,
  program: string,
  name: string,
  blocks: readonly string[],
  drives: readonly string[] = [],
): Promise<MemoryStandIn> {
  const options = [
    ...drives.map((drive) => `-drive '${drive}'`),
    ...blocks.map((block) => `-block '${block}'`),
  ]
  const log = `/run/lab/${name}.log`
  const command = `true; setsid '${program}' -name guest=${name} ${options.join(' ')} >${log} 2>&1 & echo $!`
  const pidInHost = Number((await host.exec(command)).stdout.trim())
  const isReady = async () => (await host.exec(`grep -q ready ${log}`)).code === 0
  const began = performance.now()
  while (!(await isReady())) {
    if (performance.now() - began < READY_TIMEOUT_MS) continue
    throw new Error(`cannot start ${name}: ${(await host.exec(`cat ${log}`)).stdout}`)
  }
  const pid = listNamespace(host.initPid).get(pidInHost)
  if (pid === undefined) throw new Error(`cannot find ${name}: no process ${pidInHost} in ${host.name}`)
  return {
    pid,
    pidInHost,
    end: async () => {
      await host.exec(`kill -9 ${pidInHost}`)
      await waitUntil(
        () => !listNamespace(host.initPid).has(pidInHost),
        READY_TIMEOUT_MS,
        () => `cannot end ${name}: process ${pidInHost} stays`,
      )
    },
  }
}
