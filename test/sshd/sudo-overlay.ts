// A sudo for test hosts: of this machine, or from Debian's package laid over /usr inside the host's namespace.
import { existsSync } from 'node:fs'
import { layOverPackages, type PackageOverlay } from './package-overlay.ts'

/** Undefined where there is no sudo and none can be fetched. `rules` are lines of sudoers. */
export function layOverSudo(
  rules: readonly string[],
  implementation: 'sudo' | 'sudo-rs' = 'sudo',
): PackageOverlay | undefined {
  const nothing = { prepare: [], remove: () => undefined }
  const isHere = implementation === 'sudo' && existsSync('/usr/bin/sudo')
  const overlay = isHere ? nothing : layOverPackages([implementation])
  if (overlay === undefined) return undefined
  const policy = [
    'cp -a /etc $folder/etc-copy && mount --bind $folder/etc-copy /etc',
    'mount --bind $folder/passwd /etc/passwd && mount --bind $folder/shadow /etc/shadow',
    `printf '%s\\n' ${rules.map((rule) => `'${rule}'`).join(' ')} >/etc/sudoers && chmod 440 /etc/sudoers`,
    `printf 'auth required pam_unix.so nodelay\\naccount required pam_unix.so\\nsession required pam_permit.so\\n' >/etc/pam.d/sudo`,
    ...(implementation === 'sudo-rs' ? layOverSudoRs : []),
  ]
  return { ...overlay, prepare: [...overlay.prepare, ...policy] }
}

/** Debian's package calls itself sudo-rs, beside a sudo; here it is the sudo, as on Ubuntu since 25.10. */
const layOverSudoRs = [
  'cp -p /usr/bin/sudo-rs $folder/sudo-rs && chmod 4755 $folder/sudo-rs',
  'mkdir -p $folder/bin && cp -p $folder/sudo-rs $folder/bin/sudo',
  'cp /etc/sudoers /etc/sudoers-rs && cp /etc/pam.d/sudo /etc/pam.d/sudo-rs',
  'mount --bind $folder/bin /usr/local/bin',
]
