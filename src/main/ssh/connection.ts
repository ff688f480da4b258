// One SSH connection to one destination, through its jump hosts; its programs share it.

import { createConnection, isIP, isIPv6, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import ssh2, { type Client } from 'ssh2'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import { withValue } from '../../shared/with-value.ts'
import { ChannelQueue } from './channel-queue.ts'
import { cancelledProblem } from './clock.ts'
import { type Destination, type DestinationSource, readDestination } from './destination.ts'
import { type HandshakeOptions, logIn } from './handshake.ts'
import type { HostProcess, HostShell } from './host-process.ts'
import { startProxyCommand } from './proxy-command.ts'
import { startRemoteProcess } from './remote-process.ts'
import { maxHops } from './route.ts'
import { connectionProblem } from './socket-problem.ts'
import { unwatched } from './stages.ts'

interface ConnectOptions extends HandshakeOptions {
  readonly source: DestinationSource
}

/** `stages` may be left out. */
type ConnectRequest = Omit<ConnectOptions, 'stages'> & Partial<Pick<ConnectOptions, 'stages'>>

/** Between two attempts, as in OpenSSH. */
const attemptPauseMs = 1000

/** Connects to `[user@]host[:port]` or an alias. Rejects with a Problem. */
export async function connectSsh(address: string, request: ConnectRequest): Promise<HostShell> {
  return await connectHop(address, undefined, { ...request, stages: request.stages ?? unwatched }, 0)
}

/** `via`: the hops that a longer jump list puts before this one; undefined: as configured for itself. */
async function connectHop(
  address: string,
  via: readonly string[] | undefined,
  options: ConnectOptions,
  depth: number,
): Promise<SshConnection> {
  if (depth > maxHops)
    throw new Problem('bad-input', `cannot reach ${address}: ProxyJump leads back to itself`)
  const { stages } = options
  stages.begin('configuration', address)
  const destination = await readDestination(options.source, address)
  const hops = via ?? (destination.route.kind === 'jump' ? destination.route.hops : [])
  stages.fact(describeRoute(destination, hops))
  for (const note of destination.notes) {
    stages.fact(note)
    options.onLog('warning', note)
  }
  const last = hops.at(-1)
  if (last === undefined) {
    const socket = await openSocket(destination, via === undefined, options)
    return await SshConnection.establish(destination, socket, undefined, options)
  }
  const before = hops.length > 1 ? hops.slice(0, -1) : undefined
  const jump = await connectHop(last, before, options, depth + 1)
  try {
    options.onStep(`connecting to ${destination.label} through ${jump.label}`)
    stages.skip('resolve', destination.label, `${jump.label} looks it up`)
    stages.begin('tcp', destination.label)
    stages.fact(`through ${jump.label}`)
    const stream = await jump.forward(destination)
    return await SshConnection.establish(destination, stream, jump, options)
  } catch (error) {
    await jump.close()
    throw error
  }
}

function describeRoute({ label, route }: Destination, hops: readonly string[]): string {
  if (hops.length > 0) return `${label} through ${hops.join(', then ')}`
  return route.kind === 'command' ? `${label} by ProxyCommand` : label
}

async function openSocket(
  destination: Destination,
  mayUseCommand: boolean,
  options: ConnectOptions,
): Promise<Duplex> {
  options.onStep(`connecting to ${destination.label}`)
  if (mayUseCommand && destination.route.kind === 'command') {
    for (const stage of ['resolve', 'tcp'] as const) {
      options.stages.skip(stage, destination.label, 'ProxyCommand does that')
    }
    return startProxyCommand(destination.route.command, options.onLog)
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await connectTcp(destination, options)
    } catch (error) {
      const isWorthAnother = error instanceof Problem && ['unreachable', 'timed-out'].includes(error.code)
      if (!isWorthAnother || attempt >= destination.connectionAttempts) throw error
      options.stages.fact(`attempt ${attempt} of ${destination.connectionAttempts} failed: ${error.message}`)
      await pause(attemptPauseMs, undefined, { signal: options.signal }).catch(() => {
        throw cancelledProblem(`cannot connect to ${destination.label}`, options.signal)
      })
    }
  }
}

async function connectTcp(destination: Destination, options: ConnectOptions): Promise<Duplex> {
  const { hostName, port, addressFamily, localAddress } = destination
  const socket = createConnection({
    host: hostName,
    port,
    noDelay: true,
    ...withValue({ family: addressFamily }),
    ...(localAddress !== undefined && { localAddress, family: isIPv6(localAddress) ? 6 : 4 }),
  })
  watchSocket(socket, destination, options)
  try {
    await connected(socket, destination, options.signal)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

function watchSocket(socket: Socket, { hostName, label }: Destination, { stages }: ConnectOptions): void {
  if (isIP(hostName)) stages.skip('resolve', label, 'it is an address')
  else stages.begin('resolve', label)
  socket.on('lookup', (error, address) => {
    if (!error) stages.fact(String(address))
  })
  socket.once('connectionAttempt', () => stages.begin('tcp', label))
  socket.on('connectionAttempt', (address, port) => stages.fact(`to ${address} port ${port}`))
}

function connected(
  socket: Socket,
  { label, connectTimeoutMs }: Destination,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = () => reject(cancelledProblem(`cannot connect to ${label}`, signal))
    const timer = setTimeout(() => {
      reject(
        new Problem('timed-out', `cannot connect to ${label}: no answer within ${connectTimeoutMs / 1000} s`),
      )
    }, connectTimeoutMs)
    const settle = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    }
    if (signal.aborted) cancel()
    signal.addEventListener('abort', cancel)
    socket.once('connect', () => {
      settle()
      resolve()
    })
    socket.once('error', (error) => {
      settle()
      reject(connectionProblem(label, error))
    })
  })
}

class SshConnection implements HostShell {
  readonly label: string
  readonly user: string
  readonly closed: Promise<Problem>
  readonly #client: Client
  readonly #channels = new ChannelQueue()
  #reason: Problem | undefined
  readonly #ended: Promise<void>

  private constructor(destination: Destination, client: Client, jump: SshConnection | undefined) {
    this.label = destination.label
    this.user = destination.user
    this.#client = client
    client.on('error', (error) => {
      this.#reason ??= connectionProblem(this.label, error)
    })
    this.#ended = new Promise((resolve) => client.once('close', () => resolve()))
    this.closed = this.#ended.then(() => {
      const reason =
        this.#reason ??
        new Problem('disconnected', `lost the connection to ${this.label}: the host closed it`)
      this.#channels.end(reason)
      void jump?.close()
      return reason
    })
  }

  static async establish(
    destination: Destination,
    socket: Duplex,
    jump: SshConnection | undefined,
    options: ConnectOptions,
  ): Promise<SshConnection> {
    const client = new ssh2.Client()
    try {
      await logIn(client, socket, destination, options)
    } catch (error) {
      client.end()
      socket.destroy()
      throw error
    }
    const connection = new SshConnection(destination, client, jump)
    const cancel = () => void connection.close()
    options.signal.addEventListener('abort', cancel, { once: true })
    void connection.closed.then(() => options.signal.removeEventListener('abort', cancel))
    if (options.signal.aborted) cancel()
    return connection
  }

  start(script: string, signal: AbortSignal): Promise<HostProcess> {
    return this.#channels.run(signal, () => startRemoteProcess(this.#client, this.label, script, signal))
  }

  forward({ hostName, port, label }: Destination): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.#client.forwardOut('127.0.0.1', 0, hostName, port, (error, stream) => {
        if (error === undefined) resolve(stream)
        else
          reject(
            new Problem(
              'unreachable',
              `cannot reach ${label} through ${this.label}: ${oneLine(error.message, 512)}`,
            ),
          )
      })
    })
  }

  async close(): Promise<void> {
    this.#reason ??= new Problem('cancelled', `closed the connection to ${this.label}`)
    this.#client.end()
    const timer = setTimeout(() => this.#client.destroy(), 2000)
    await this.#ended
    clearTimeout(timer)
  }
}
