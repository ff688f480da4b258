// Answers as the helpers of many replayed hosts, in a process of its own: what they cost is not the workbench's.
// Each connection to the socket begins with a line, `NUMBER GUESTS observe|change`, and then is one helper's stream.
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'
import { type HostContract, hostContract, hostProtocol } from '../../../src/shared/contract/host-contract.ts'
import type { Policy } from '../../../src/shared/contract/policies.ts'
import type { PolicyStatus } from '../../../src/shared/contract/policy-runs.ts'
import { Problem } from '../../../src/shared/problem.ts'
import { type Handlers, serveContract } from '../../../src/shared/rpc.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { capacityReadingOf } from './replayed-capacity.ts'
import { assessmentOf, helloOf, type ReplayedHost, sampleOf, scrubOf } from './replayed-host.ts'
import { cellsOf, mapOf } from './replayed-map.ts'
import { runOf } from './replayed-policy.ts'

const digest = '0'.repeat(64)
/** Hosts have been up for a while. */
const secondsNow = () => 100_000 + performance.now() / 1000
const assessMs = 400

const [path = ''] = process.argv.slice(2)
// One that was killed leaves its socket behind.
rmSync(path, { force: true })
createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.once('data', (line) => {
    const [index, guests, mode] = line.toString().trim().split(' ')
    answerAs({ index: Number(index), guests: Number(guests) }, mode !== 'change', socket)
  })
}).listen(path, () => process.stdout.write('ready\n'))

function answerAs(host: ReplayedHost, readOnly: boolean, socket: Socket): void {
  socket.write(`singleton-helper ${hostProtocol} ${digest}\n`)
  const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket))
  serveContract(connection, hostContract, handlersOf(host, readOnly))
  connection.listen()
  // A policy in session mode ends with its session.
  socket.once('close', () => policies.delete(host.index))
}

/** By the number of the host. It is only noted: replayed figures do not follow from it. */
const policies = new Map<number, { readonly id: string; readonly policy: Policy; readonly since: number }>()

function policyOf(host: ReplayedHost): PolicyStatus {
  const running = policies.get(host.index)
  return running === undefined ? {} : { run: runOf(host, running, wallClock()) }
}

function handlersOf(host: ReplayedHost, readOnly: boolean): Handlers<HostContract> {
  let taken = 0
  const now = () => [secondsNow(), wallClock()] as const
  const known: Partial<Handlers<HostContract>> = {
    hello: async () => helloOf(host, readOnly, digest),
    sample: async () => sampleOf(host, ...now()),
    assess: async (_, { signal, reportProgress }) => {
      for (const fraction of [0.25, 0.5, 0.75]) {
        reportProgress({ step: 'hashing guest memory', fraction })
        await sleep(assessMs / 4, signal)
      }
      return assessmentOf(host, ...now())
    },
    'capacity/read': async () => capacityReadingOf(host, ...now()),
    'page-cache/plan': async () => scrubOf(host, ...now(), true),
    'page-cache/scrub': async () => scrubOf(host, ...now(), false),
    'ksm/status': async () => sampleOf(host, ...now()).ksm ?? refuse('ksm/status'),
    'map/take': async () => {
      taken += 1
      return mapOf(host, taken, wallClock())
    },
    'map/view': async (view) => cellsOf(host, Number(view.map.split('-')[1]), view),
    'policies/status': async () => policyOf(host),
    'policies/start': async ({ policy }) => {
      policies.set(host.index, { id: randomUUID(), policy, since: wallClock() })
      return policyOf(host)
    },
    'policies/stop': async () => {
      policies.delete(host.index)
      return {}
    },
    'service/status': async () => ({ state: 'absent', hasPolicy: false }),
    'audit/list': async () => [],
  }
  return new Proxy(known, {
    get: (target, method: keyof HostContract) => target[method] ?? (async () => refuse(method)),
  }) as Handlers<HostContract>
}

function refuse(method: string): never {
  throw new Problem('not-supported', `a replayed host has no answer to ${method}`)
}
