// Where the person's SSH settings are, passed in so that tests bring their own.
import { setImmediate } from 'node:timers/promises'
import { Problem } from '../../shared/problem.ts'
import { listAliases } from './config/aliases.ts'
import { readConfigFiles } from './config/files.ts'
import { findDestination, loadConfig } from './destination.ts'

export interface SshEnvironment {
  /** `$HOME`; its `.ssh` folder is read, and known_hosts there is appended to. */
  readonly home: string
  /** `$SSH_AUTH_SOCK`. */
  readonly agentSocket?: string
  /** `resources/helper`: the built helpers and their manifest.json. */
  readonly helperDirectory: string
}

/** A host that ~/.ssh/config names without a pattern. */
export interface SshAlias {
  readonly alias: string
  readonly hostName: string
  readonly user?: string
  readonly port?: number
}

/**
 * Hosts that `~/.ssh/config` and its includes name; patterns are left out, and so are hosts whose
 * settings cannot be used. Throws a Problem when the file itself cannot be read.
 */
export async function listSshAliases(environment: SshEnvironment): Promise<SshAlias[]> {
  const config = await loadConfig(environment)
  const found: SshAlias[] = []
  for (const alias of listAliases(await readConfigFiles({ ...environment, systemConfig: '' }))) {
    // Nothing below waits for anything outside, so others get their turn here.
    await setImmediate()
    try {
      const { hostName, user, port } = await findDestination(config, alias)
      found.push({ alias, hostName, user, ...(port !== 22 && { port }) })
    } catch (error) {
      if (!(error instanceof Problem)) throw error
    }
  }
  return found
}
