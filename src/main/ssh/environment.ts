// Where the person's SSH settings are, passed in so that tests bring their own.
import { Problem } from '../../shared/problem.ts'
import { readDestination } from './destination.ts'
import { readAliases } from './ssh-config.ts'

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
  const found: SshAlias[] = []
  for (const alias of await readAliases(environment)) {
    try {
      const { hostName, user, port } = await readDestination(environment, alias)
      found.push({ alias, hostName, user, ...(port === 22 ? {} : { port }) })
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'bad-input')) throw error
    }
  }
  return found
}
