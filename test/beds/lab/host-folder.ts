// Files of one lab host: its keys, sshd's configuration, and the folders mounted over the machine's own.
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostPlan } from './options.ts'
import { runOk } from './run.ts'

export interface HostKey {
  /** As known_hosts has it: type and base64. */
  readonly publicKey: string
  readonly fingerprint: string
}

export function hostFolder(labDir: string, hostName: string): string {
  return join(labDir, 'hosts', hostName)
}

/** The key that opens every lab host. */
export function identityFile(labDir: string): string {
  return join(labDir, 'client/id_ed25519')
}

export async function makeClientKey(labDir: string): Promise<void> {
  mkdirSync(join(labDir, 'client'), { recursive: true, mode: 0o700 })
  await makeKey(identityFile(labDir), 'singleton-lab')
}

export async function makeHostKey(folder: string, comment: string): Promise<HostKey> {
  const path = join(folder, 'ssh_host_ed25519_key')
  await makeKey(path, comment)
  const [type, base64] = readFileSync(`${path}.pub`, 'utf8').split(' ')
  if (!type || !base64) throw new Error(`cannot read the host key ${path}.pub: not a public key`)
  const digest = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64')
  return { publicKey: `${type} ${base64}`, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` }
}

export async function prepareHostFolder(labDir: string, host: HostPlan): Promise<string> {
  const folder = hostFolder(labDir, host.name)
  for (const name of ['root', 'var-lib', 'var-log', 'var-cache', 'guests']) {
    mkdirSync(join(folder, name), { recursive: true, mode: name === 'root' ? 0o700 : 0o755 })
  }
  cpSync(`${identityFile(labDir)}.pub`, join(folder, 'authorized_keys'))
  // sshd without PAM refuses an account whose password is locked by "!", as cloud images have root.
  const shadow = readFileSync('/etc/shadow', 'utf8').replace(/^root:[^:]*:/m, 'root:*:')
  writeFileSync(join(folder, 'shadow'), shadow, { mode: 0o600 })
  if (host.kind === 'libvirt') prepareLibvirt(folder)
  return folder
}

export function writeSshdConfig(folder: string, port: number): string {
  const path = join(folder, 'sshd_config')
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/ssh_host_ed25519_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'PrintMotd no',
    'UseDNS no',
    'PidFile /run/sshd.pid',
    'Subsystem sftp internal-sftp',
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

function prepareLibvirt(folder: string): void {
  const etc = join(folder, 'etc-libvirt')
  for (const name of [
    'var-lib/libvirt/qemu',
    'var-lib/libvirt/images',
    'var-log/libvirt/qemu',
    'var-cache/libvirt',
  ]) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  mkdirSync(join(etc, 'qemu'), { recursive: true })
  const libvirtd = ['auth_unix_ro = "none"', 'auth_unix_rw = "none"', 'unix_sock_group = "root"']
  writeFileSync(join(etc, 'libvirtd.conf'), `${libvirtd.join('\n')}\n`)
  const qemu = [
    'user = "root"',
    'group = "root"',
    'remember_owner = 0',
    'dynamic_ownership = 0',
    'security_driver = "none"',
    'namespaces = []',
    'cgroup_controllers = []',
    'seccomp_sandbox = 0',
  ]
  writeFileSync(join(etc, 'qemu.conf'), `${qemu.join('\n')}\n`)
  writeFileSync(join(etc, 'virtlogd.conf'), '')
}

async function makeKey(path: string, comment: string): Promise<void> {
  rmSync(path, { force: true })
  rmSync(`${path}.pub`, { force: true })
  await runOk('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path])
}
