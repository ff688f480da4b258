// One sshd for a file of tests, and a person whose home trusts it and whose key it takes.
import { afterAll, beforeAll } from 'vitest'
import { makeSshHome, type SshHome } from './ssh-home.ts'
import { type Sshd, type SshdOptions, startSshd } from './start-sshd.ts'

export interface FileSshd {
  readonly home: SshHome
  readonly sshd: Sshd
}

/** Called outside of tests: it starts and stops the sshd in hooks, and there is none before. */
export function fileSshd(options: SshdOptions = {}): FileSshd {
  let home: SshHome
  let sshd: Sshd
  beforeAll(async () => {
    home = makeSshHome()
    sshd = await startSshd({ authorizedKeys: [home.publicKey], ...options })
    home.trust(sshd)
  })
  afterAll(async () => {
    await sshd?.stop()
    home?.remove()
  })
  return {
    get home() {
      return home
    },
    get sshd() {
      return sshd
    },
  }
}
