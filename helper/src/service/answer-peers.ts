// What the service answers on its socket: policies, and nothing that a session of the workbench does itself.
import type { Socket } from 'node:net'
import { type HostContract, hostContract } from '../../../src/shared/contract/host-contract.ts'
import type { PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { Problem } from '../../../src/shared/problem.ts'
import type { Handlers } from '../../../src/shared/rpc.ts'
import { type Actor, findPeerActor } from '../changes/audit.ts'
import type { KernelRoot } from '../kernel/kernel-root.ts'
import type { Peer } from '../kernel/peer-credentials.ts'
import { type NotifyWorkbench, serveSession } from '../serve/session.ts'
import type { Resident } from './resident.ts'

export interface PeersParts {
  readonly resident: Pick<Resident, 'start' | 'stop' | 'status' | 'preview'>
  readonly root: KernelRoot
  readonly buildDigest: string
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

export class Peers {
  readonly #parts: PeersParts
  readonly #told = new Set<NotifyWorkbench>()

  constructor(parts: PeersParts) {
    this.#parts = parts
  }

  tellRound(round: PolicyRound): void {
    for (const tell of this.#told) tell('policies/round', round)
  }

  /** Until the peer closes its end. */
  async answer(socket: Socket, peer: Peer): Promise<void> {
    const { buildDigest, log, signal, root } = this.#parts
    const actor = findPeerActor(root, peer.pid)
    let mine: NotifyWorkbench | undefined
    try {
      await serveSession({
        input: socket,
        output: socket,
        buildDigest,
        handlers: policyHandlers(this.#parts.resident, actor),
        readOnly: false,
        log,
        onOpen: (tell) => {
          mine = tell
          this.#told.add(tell)
        },
        signal,
      })
    } finally {
      if (mine !== undefined) this.#told.delete(mine)
      socket.destroy()
    }
  }
}

/** Pure. */
function policyHandlers(resident: PeersParts['resident'], actor: Actor): Handlers<HostContract> {
  const refusals = Object.keys(hostContract).map((method) => [method, () => Promise.reject(refused(method))])
  return {
    ...(Object.fromEntries(refusals) as unknown as Handlers<HostContract>),
    'policies/preview': ({ policy, rounds }, { signal }) =>
      resident.preview(policy, rounds, signal as AbortSignal),
    'policies/start': ({ policy, replace }) => resident.start(policy, actor, replace),
    'policies/stop': () => resident.stop(actor),
    'policies/status': () => resident.status(),
  }
}

function refused(method: string): Problem {
  return new Problem('not-supported', `cannot run ${method}: the service answers for policies only`, {
    remedy: 'Ask a session of the helper for it.',
  })
}
