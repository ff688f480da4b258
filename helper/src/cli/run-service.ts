// `service run`: the resident engine, its socket, and what systemd is told of it.
import type { PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { PolicyEngine } from '../govern/policy-engine.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { sendDatagram } from '../kernel/send-datagram.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import { Peers } from '../service/answer-peers.ts'
import { Notifier, watchdogMilliseconds } from '../service/notify.ts'
import { Resident } from '../service/resident.ts'
import { serviceContext } from '../service/service-context.ts'
import { listenForPeers } from '../service/socket.ts'
import { buildDigest } from './build-facts.ts'
import type { CommandIo } from './command-io.ts'

/** Runs until SIGTERM (exit code 0); then everything is put back, unless an upgrade goes on with it. */
export async function runService(io: CommandIo): Promise<number> {
  requirePrivilege('run the service')
  const { env } = process
  const { context, journal, places } = serviceContext((text) => io.err(text), env)
  const notifier = new Notifier(env, sendDatagram, (line) => journal.warning(line))
  const decisions = new Set<string>()
  const onRound = (round: PolicyRound) => {
    for (const line of round.decisions) if (!decisions.has(line)) journal.info(line)
    decisions.clear()
    for (const line of round.decisions) decisions.add(line)
    peers.tellRound(round)
  }
  const say = (line: string) => journal.info(line)
  const resident: Resident = new Resident({
    context,
    places,
    journal,
    onStatus: (status) => notifier.tell({ status }),
    engine: new PolicyEngine({ context, mode: 'service', onRound, say }),
  })
  const { log } = context
  // A session that ends in the middle of an answer is no trouble of the service.
  const peers = new Peers({ resident, root: liveKernel, buildDigest, log: say, signal: io.signal })
  const onPeer: Parameters<typeof listenForPeers>[0]['onPeer'] = (socket, peer) => {
    peers.answer(socket, peer).catch((error) => log(`cannot answer a session: ${error}`))
  }
  const server = await listenForPeers({ path: places.socket, onPeer, log })
  const beat = startBeat(notifier, watchdogMilliseconds(env, process.pid))
  const reload = () => void resident.reload().catch((error) => journal.error(String(error)))
  process.on('SIGUSR2', reload)
  try {
    await resident.begin()
    notifier.tell({ ready: true })
    await resident.supervise(io.signal)
  } finally {
    notifier.tell({ stopping: true, status: 'puts everything back' })
    server.close()
    await resident.end()
    clearInterval(beat)
  }
  // Peers that do not end their side would keep this process.
  process.exit(0)
}

/** As long as the loop of events turns. */
function startBeat(
  notifier: Notifier,
  everyMs: number | undefined,
): ReturnType<typeof setInterval> | undefined {
  if (everyMs === undefined) return undefined
  return setInterval(() => notifier.tell({ watchdog: true }), everyMs)
}
