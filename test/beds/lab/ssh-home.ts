// A HOME whose ssh knows the lab, for tests and for trying the command line by hand.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabHost } from './lab-host.ts'

/** Writes DIR/.ssh with an alias for each host (lab-a, lab-b, …), their keys known, and the client's key. */
export function writeSshHome(lab: { readonly hosts: readonly LabHost[] }, dir: string): void {
  const ssh = join(dir, '.ssh')
  mkdirSync(ssh, { recursive: true, mode: 0o700 })
  const key = join(ssh, 'id_ed25519')
  const [first] = lab.hosts
  if (first) {
    copyFileSync(first.identityFile, key)
    copyFileSync(`${first.identityFile}.pub`, `${key}.pub`)
    chmodSync(key, 0o600)
  }
  const blocks = lab.hosts.map((host) =>
    [
      `Host ${host.name}`,
      `  HostName ${host.address}`,
      `  Port ${host.port}`,
      `  User ${host.user}`,
      `  IdentityFile ${key}`,
      `  UserKnownHostsFile ${join(ssh, 'known_hosts')}`,
      '  IdentitiesOnly yes',
    ].join('\n'),
  )
  writeFileSync(join(ssh, 'config'), `${blocks.join('\n\n')}\n`, { mode: 0o600 })
  writeFileSync(join(ssh, 'known_hosts'), lab.hosts.map((host) => `${host.knownHostsLine}\n`).join(''))
}
