// The acts that can be done with many hosts at once, and what is said before those that change something.

import type { HostView, NamedPolicy } from '../../shared/contract/index.ts'
import { parsePolicyFile } from '../../shared/policies/policy-file.ts'
import { formatBytes } from '../../shared/units.ts'
import type { FleetStore } from '../store/fleet-store.ts'
import type { BulkAct, BulkResult, BulkRun } from './use-bulk.ts'

export interface FleetAct extends BulkAct {
  /** Asked before it begins. Absent: it changes nothing on a host. */
  readonly explain?: string
}

export function bulkActs(store: FleetStore): readonly FleetAct[] {
  const call =
    (method: 'hosts/connect' | 'hosts/disconnect', done: string) =>
    async (view: HostView, signal: AbortSignal) => {
      await store.call(method, { hostId: view.host.id }, { signal })
      return done
    }
  const setMode = (mode: 'observe' | 'change', done: string) => async (view: HostView) => {
    await store.switchMode(view, mode)
    return done
  }
  return [
    {
      title: 'Assess',
      run: async ({ host }, signal) => {
        const { totals } = await store.call('assess', { hostId: host.id }, { signal })
        return `${formatBytes(totals.reclaimableBytes)} reclaimable`
      },
    },
    { title: 'Connect', run: call('hosts/connect', 'connected') },
    { title: 'Disconnect', run: call('hosts/disconnect', 'disconnected') },
    { title: 'Observe', run: setMode('observe', 'in observe mode') },
    {
      title: 'Allow changes',
      explain:
        'Nothing changes now. From now on the workbench may scrub these hosts, merge identical pages there and run policies, each time after asking you. Every change is written to the audit log of its host.',
      run: setMode('change', 'changes are allowed'),
    },
    {
      title: 'Stop the policy',
      explain:
        'What the policy changed is put back on each host: its KSM settings are restored, and nothing more is evicted. What is merged stays merged. The service of a host stops its policy as well, and waits for another one, also after a reboot.',
      run: async ({ host }, signal) => {
        await store.call('policies/stop', { hostId: host.id }, { signal })
        return 'stopped'
      },
    },
  ]
}

export function runPolicy(store: FleetStore, { name, version, text }: NamedPolicy): FleetAct {
  const start =
    (replace: boolean) =>
    async ({ host }: HostView, signal: AbortSignal) => {
      const policy = parsePolicyFile(text)
      await store.call('policies/start', { hostId: host.id, policy, replace }, { signal })
      return `runs ${name}`
    }
  return {
    title: `Run ${name}`,
    explain: `Version ${version} of ${name} starts on all of these hosts at once. Where a host has no service it runs in session mode: it ends, and everything is put back, when the workbench disconnects or closes. The service of a host runs it in service mode: it goes on when the workbench disconnects or closes, and after a reboot, until it is stopped. A service that was given another policy keeps that one and says whose it is; you can replace it then. A roll-out, on the page of policies, goes in stages and stops by itself when a guard trips. Hosts in observe mode refuse it.`,
    run: start(false),
    replacing: { title: `Run ${name} instead`, run: start(true) },
  }
}

/** Hosts whose service has another policy than the act that has ended would start; each says whose it is. Pure. */
export function replaceable({ act, isOver, results }: BulkRun): readonly BulkResult[] {
  if (!isOver || act.replacing === undefined) return []
  return results.filter(({ problem }) => problem?.code === 'other-policy')
}
