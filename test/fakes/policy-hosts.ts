// A fleet whose hosts run policies only in name: each can be told to refuse, and says what it runs.
import { Announcer } from '../../src/main/announcer.ts'
import { openAuditTrail } from '../../src/main/audit/audit-trail.ts'
import { HostAudit } from '../../src/main/audit/host-audit.ts'
import { keepNoHistory } from '../../src/main/history/no-history.ts'
import { ConnectingSlots } from '../../src/main/hosts/connecting-slots.ts'
import { Fleet } from '../../src/main/hosts/fleet.ts'
import { PromptBoard } from '../../src/main/hosts/prompt-board.ts'
import { openHostsFile } from '../../src/main/hosts/saved-hosts.ts'
import { TaskBoard } from '../../src/main/hosts/task-board.ts'
import type { Policy, PolicyStatus } from '../../src/shared/contract/index.ts'
import type { Problem } from '../../src/shared/problem.ts'
import { FakeLink } from './fake-link.ts'

export interface PolicyHost {
  readonly link: FakeLink
  running: boolean
  refusal?: Problem
}

export interface PolicyHosts {
  readonly fleet: Fleet
  readonly announcer: Announcer
  /** By address, as it was connected last. */
  readonly hosts: ReadonlyMap<string, PolicyHost>
}

/** As a workbench is opened: every host connects anew, and runs nothing. The hosts are saved in `folder`. */
export async function openPolicyHosts(folder: string, policy: Policy): Promise<PolicyHosts> {
  const hosts = new Map<string, PolicyHost>()
  const announcer = new Announcer()
  const fleet = new Fleet({
    uninstall: async () => ({ removed: [], kept: [], unreached: [], running: [] }),
    openLink: async (options) => {
      const host: PolicyHost = {
        running: false,
        link: new FakeLink(
          options,
          answersOf(() => host, policy),
        ),
      }
      hosts.set(options.address, host)
      return host.link
    },
    environment: { home: folder, helperDirectory: folder },
    slots: new ConnectingSlots(8),
    announcer,
    prompts: new PromptBoard(announcer.announce),
    tasks: new TaskBoard(announcer.announce),
    history: keepNoHistory(),
    audit: new HostAudit(openAuditTrail(folder), announcer.announce, 'test'),
    store: await openHostsFile(folder, (problem) => {
      throw problem
    }),
  })
  return { fleet, announcer, hosts }
}

function answersOf(host: () => PolicyHost, policy: Policy) {
  const status = (): PolicyStatus =>
    host().running
      ? { run: { policy, mode: 'session', since: 1, who: 'root', from: 'test', rounds: [] } }
      : {}
  return {
    'policies/start': () => {
      const { refusal } = host()
      if (refusal) throw refusal
      host().running = true
      return status()
    },
    'policies/stop': () => {
      host().running = false
      return status()
    },
    'policies/status': status,
  }
}
