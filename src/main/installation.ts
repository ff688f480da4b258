// Where this installation's own files are, seen from src/main or from the built out/main.

import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { withValue } from '../shared/with-value.ts'
import type { SshEnvironment } from './ssh/environment.ts'

const root = join(import.meta.dirname, '../..')

/** Programs cannot be started out of the archive in which Electron ships the app: they lie beside it. */
const helperDirectory = root.endsWith('app.asar') ? join(root, '../helper') : join(root, 'resources/helper')

export const rendererDirectory = join(root, 'out/renderer')

/** Of this workbench. Throws where its package.json is broken. */
export function readVersion(): string {
  const text = readFileSync(join(root, 'package.json'), 'utf8')
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version
}

/** $HOME decides whose keys and known_hosts are used, so that a test or the demo can bring its own. */
export function findSshEnvironment(env: Readonly<Record<string, string | undefined>>): SshEnvironment {
  return {
    home: env.HOME || homedir(),
    helperDirectory,
    ...withValue({ agentSocket: env.SSH_AUTH_SOCK || undefined }),
  }
}
