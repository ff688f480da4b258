// A lab host for benchmarks, with the compiled helper in it.
import { copyFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { z } from 'zod'
import { compile } from '../../helper/compile.mjs'
import { HOST_TARGET } from '../../helper/targets.mjs'
import { limitReads } from '../beds/lab/cgroups.ts'
import { type LabHost, type LabOptions, upLab } from '../beds/lab/lab.ts'

const root = dirname(dirname(import.meta.dirname))

export interface BenchLab {
  readonly host: LabHost
  readonly images: readonly string[]
  /** Path of the helper inside the host. */
  readonly program: string
  /** Runs the helper inside the host; its document. */
  helper<T>(args: string, schema: z.ZodType<T>): Promise<T>
  /** Runs `test/bench/engine`, compiled like the helper, inside the host; its document. */
  engine<T>(args: string, schema: z.ZodType<T>): Promise<T>
  /** Changes the read rate of the guests' storage. */
  limitReads(readIops: number): void
  down(options?: { readonly keepImages?: boolean }): Promise<void>
}

export async function upBenchLab(options: LabOptions, say: (line: string) => void): Promise<BenchLab> {
  const lab = await upLab(options, say)
  const [host] = lab.hosts
  if (host === undefined) throw new Error('cannot measure: the lab has no host')
  // A lab host has folders of its own where the repository may lie.
  const program = join(lab.dir, 'hosts', 'singleton-helper')
  copyFileSync(join(root, 'resources/helper/singleton-helper-linux-x64'), program)
  const run = async <T>(path: string, args: string, schema: z.ZodType<T>): Promise<T> => {
    const result = await host.exec(`exec '${path}' ${args} --json`)
    if (result.code !== 0) throw new Error(`cannot run ${args}: exit ${result.code}: ${result.stderr}`)
    return schema.parse(JSON.parse(result.stdout))
  }
  let engine: Promise<string> | undefined
  return {
    host,
    program,
    images: [...new Set(host.guests.flatMap((guest) => guest.images))],
    helper: (args, schema) => run(program, args, schema),
    async engine(args, schema) {
      engine ??= compileEngine(join(lab.dir, 'hosts', 'snapshot-bench'))
      return run(await engine, args, schema)
    },
    limitReads: (readIops) => limitReads(host.cgroups, lab.dir, readIops),
    down: (how) => lab.down(how),
  }
}

async function compileEngine(output: string): Promise<string> {
  const sources = { version: 'bench', bun: 'host', buildDigest: 'bench' }
  await compile(root, HOST_TARGET, output, sources, 'test/bench/engine/main.ts')
  return output
}
