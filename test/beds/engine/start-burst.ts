// `ksm start` on the whole machine: its exit code tells what became of the burst.
import { dirname, join } from 'node:path'
import { type KsmStatus, ksmStatus } from '../../../src/shared/contract/ksm.ts'
import { run } from '../lab/run.ts'
import type { EngineLab } from './engine-lab.ts'

/** Outside of the lab host, as ksmd can be seen there; with the same journal as `helperJsonOutside`. */
export async function startBurst(
  lab: EngineLab,
  timeoutMs = 55_000,
): Promise<{ code: number; status: KsmStatus }> {
  const folder = dirname(lab.program)
  const folders = { SINGLETON_STATE_DIR: join(folder, 'state'), SINGLETON_RUN_DIR: join(folder, 'run') }
  const env = { ...process.env, ...folders }
  const result = await run(lab.program, ['ksm', 'start', '--json'], { env, timeoutMs })
  return { code: result.code, status: ksmStatus.parse(JSON.parse(result.stdout)) }
}
