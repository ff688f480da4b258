// Where the person's SSH settings are, passed in so that tests bring their own.

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

/** Hosts that `~/.ssh/config` and its includes name; patterns are left out. */
export async function listSshAliases(environment: SshEnvironment): Promise<SshAlias[]> {
  throw new Error(`not built yet: ${environment.home}`)
}
