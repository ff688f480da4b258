// A sudo for test hosts: of this machine, or from Debian's package laid over /usr inside the host's namespace.
import { existsSync } from 'node:fs'
import { layOverPackages, type PackageOverlay } from './package-overlay.ts'

export type SudoImplementation = 'sudo' | 'sudo-rs'

/**
 * Undefined where there is none and none can be fetched; SINGLETON_TEST_SUDO_RS names a sudo-rs built by hand.
 * `rules` are lines of sudoers.
 */
export function layOverSudo(
  rules: readonly string[],
  implementation: SudoImplementation = 'sudo',
): PackageOverlay | undefined {
  const here = implementation === 'sudo' ? '/usr/bin/sudo' : process.env.SINGLETON_TEST_SUDO_RS
  const isHere = here !== undefined && existsSync(here)
  const overlay = isHere ? { prepare: [], remove: () => undefined } : layOverPackages([implementation])
  if (overlay === undefined) return undefined
  const policy = [
    'cp -a /etc $folder/etc-copy && mount --bind $folder/etc-copy /etc',
    'mount --bind $folder/passwd /etc/passwd && mount --bind $folder/shadow /etc/shadow',
    `printf '%s\\n' ${rules.map((rule) => `'${rule}'`).join(' ')} >/etc/sudoers && chmod 440 /etc/sudoers`,
    `printf 'auth required pam_unix.so nodelay\\naccount required pam_unix.so\\nsession required pam_permit.so\\n' >/etc/pam.d/sudo`,
    ...(implementation === 'sudo-rs' ? beTheSudo(isHere ? here : '/usr/bin/sudo-rs') : []),
  ]
  return { ...overlay, prepare: [...overlay.prepare, ...policy] }
}

/** Debian's package is called sudo-rs, beside a sudo; here it is the sudo, as on Ubuntu since 25.10. */
function beTheSudo(program: string): string[] {
  return [
    `mkdir -p $folder/bin && cp ${program} $folder/bin/sudo`,
    'chown root:root $folder/bin/sudo && chmod 4755 $folder/bin/sudo',
    'cp /etc/sudoers /etc/sudoers-rs && mount --bind $folder/bin /usr/local/bin',
  ]
}
