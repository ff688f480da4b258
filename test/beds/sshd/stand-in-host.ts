// One sshd for a file of tests, to which stand-in helpers are deployed; what a test opens is closed after it.
import { afterEach } from 'vitest'
import { type LinkRequest, type OpenedLink, openLink, rootAt, runOver } from './connect.ts'
import { type FileSshd, fileSshd } from './file-sshd.ts'
import { type Behaviour, buildStandIn, type StandIn } from './stand-in-helper.ts'
import { type Sshd, type SshdOptions, startSshd } from './start-sshd.ts'

export interface StandInHost extends FileSshd {
  standIn(behaviour: Behaviour): StandIn
  link(standIn: StandIn, change?: Partial<LinkRequest>): Promise<OpenedLink>
  /** As root over SSH, in the namespaces of the sshd: a mount made here stays. */
  run(script: string): ReturnType<typeof runOver>
  /** Another sshd, for the time of `use`; the home trusts it. */
  withSshd(options: SshdOptions, use: (own: Sshd) => Promise<void>): Promise<void>
}

/** Called outside of tests: it starts and stops the sshd in hooks. */
export function standInHost(options: SshdOptions = {}): StandInHost {
  const host = fileSshd(options)
  const open = new Set<OpenedLink>()
  const standIns = new Set<StandIn>()

  afterEach(async () => {
    for (const link of open) await link.close()
    open.clear()
    for (const standIn of standIns) standIn.remove()
    standIns.clear()
  })
  return {
    get home() {
      return host.home
    },
    get sshd() {
      return host.sshd
    },
    standIn: (behaviour) => {
      const standIn = buildStandIn(behaviour)
      standIns.add(standIn)
      return standIn
    },
    link: async (standIn, change) => {
      const link = await openLink({
        address: rootAt(host.sshd),
        home: host.home,
        helperDirectory: standIn.directory,
        ...change,
      })
      open.add(link)
      return link
    },
    run: (script) => runOver(rootAt(host.sshd), script, { home: host.home }),
    withSshd: async (own, use) => {
      const other = await startSshd({ authorizedKeys: [host.home.publicKey], ...own })
      try {
        host.home.trust(other)
        await use(other)
      } finally {
        await other.stop()
      }
    },
  }
}
