// How the unit stands, in the contract's words. Pure.

import type { ServiceStatus } from '../../../src/shared/contract/service.ts'
import { withValue } from '../../../src/shared/with-value.ts'
import type { UnitState } from './systemd.ts'

const states: Readonly<Record<string, ServiceStatus['state']>> = {
  active: 'running',
  reloading: 'running',
  activating: 'starting',
  deactivating: 'stopping',
  failed: 'failed',
  inactive: 'stopped',
}

/** The unit's state as the contract names it, with what it says of itself or why it failed. */
export function describeUnit(unit: UnitState): Pick<ServiceStatus, 'state' | 'note' | 'enabled' | 'pid'> {
  const { active, sub, result, status, enabled, pid } = unit
  const isWaiting = sub === 'auto-restart'
  const state = states[active] ?? 'stopped'
  const failure = state === 'failed' || isWaiting ? `it ended with ${result}` : undefined
  const note = failure ?? status
  return { state, ...(note && { note: note.slice(0, 1024) }), enabled, ...withValue({ pid }) }
}
