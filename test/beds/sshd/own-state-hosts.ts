// Hosts for the real helper, each behind an sshd of its own: they see no guests, and what a helper keeps on a host is
// each one's own, so that nothing of this machine is changed as long as KSM is left alone.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSshHome, type SshHome } from './ssh-home.ts'
import { type Sshd, startSshd } from './start-sshd.ts'

export interface OwnStateHosts {
  /** Of the person who connects; the names of the hosts are aliases in it. */
  readonly home: SshHome
  readonly sshds: ReadonlyMap<string, Sshd>
  /** What was done on a host, as the host itself has written it down. */
  auditOf(name: string): string[]
  stop(): Promise<void>
}

export async function startOwnStateHosts(names: readonly string[]): Promise<OwnStateHosts> {
  const home = makeSshHome()
  const sshds = new Map<string, Sshd>()
  const config = ['SetEnv SINGLETON_STATE_DIR=/root/state SINGLETON_RUN_DIR=/run/singleton-own']
  const stop = async () => {
    for (const sshd of sshds.values()) await sshd.stop()
    home.remove()
  }
  try {
    for (const name of names) {
      const sshd = await startSshd({ authorizedKeys: [home.publicKey], config })
      sshds.set(name, sshd)
      home.trust(sshd)
    }
  } catch (error) {
    await stop()
    throw error
  }
  const aliases = [...sshds].map(
    ([name, { port }]) => `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  User root\n`,
  )
  const everywhere = `Host *\n  IdentitiesOnly yes\n  IdentityFile ${home.file('id_ed25519')}\n`
  home.write('config', `${aliases.join('')}${everywhere}`)
  return { home, sshds, auditOf: (name) => readActions(sshds.get(name)?.home ?? ''), stop }
}

function readActions(home: string): string[] {
  const path = join(home, 'state/audit.jsonl')
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => (JSON.parse(line) as { action: string }).action)
}
