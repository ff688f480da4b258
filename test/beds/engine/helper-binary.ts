// The helper as it is shipped, built where it is missing or old.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
export const helperPath = join(root, 'resources/helper/singleton-helper-linux-x64')

/** Builds unless it is up to date; returns the path of the binary. */
export function buildHelper(): string {
  const built = spawnSync(process.execPath, ['helper/build.mjs', '--quiet'], { cwd: root, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`cannot build the helper: ${built.stderr}`)
  return helperPath
}
