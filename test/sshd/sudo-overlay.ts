// A sudo for test hosts: of this machine, or from Debian's package laid over /usr inside the host's namespace.
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './start-sshd.ts'

export interface SudoOverlay {
  /** For SshdOptions.prepare. */
  readonly prepare: readonly string[]
  remove(): void
}

/** Undefined where there is no sudo and none can be fetched. `rules` are lines of sudoers. */
export function layOverSudo(rules: readonly string[]): SudoOverlay | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-sudo-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const policy = [
    'cp -a /etc $folder/etc-copy && mount --bind $folder/etc-copy /etc',
    'mount --bind $folder/passwd /etc/passwd && mount --bind $folder/shadow /etc/shadow',
    `printf '%s\\n' ${rules.map((rule) => `'${rule}'`).join(' ')} >/etc/sudoers && chmod 440 /etc/sudoers`,
    `printf 'auth required pam_unix.so nodelay\\naccount required pam_unix.so\\nsession required pam_permit.so\\n' >/etc/pam.d/sudo`,
  ]
  if (existsSync('/usr/bin/sudo')) return { prepare: policy, remove }
  try {
    const unpacked = join(folder, 'sudo')
    mkdirSync(unpacked)
    run('sh', ['-c', `cd ${folder} && apt-get -q download sudo`])
    const [archive = ''] = globSync('*.deb', { cwd: folder })
    run('dpkg-deb', ['-x', join(folder, archive), unpacked])
    return { prepare: [`mount -t overlay overlay -o lowerdir=${unpacked}/usr:/usr /usr`, ...policy], remove }
  } catch {
    remove()
    return undefined
  }
}
