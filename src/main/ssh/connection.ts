// One SSH connection to one destination, through its jump hosts; its programs share it.
import { createConnection, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2, { type Client } from 'ssh2'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { Ask, OnLog } from './ask.ts'
import { ChannelQueue } from './channel-queue.ts'
import { cancelledProblem, PatientClock } from './clock.ts'
import { type Destination, type DestinationSource, readDestination } from './destination.ts'
import { orderHostKeyAlgorithms, verifyHostKey } from './host-key.ts'
import type { HostProcess, HostShell } from './host-process.ts'
import { Login } from './login.ts'
import { startProxyCommand } from './proxy-command.ts'
import { startRemoteProcess } from './remote-process.ts'
import { connectionProblem } from './socket-problem.ts'

export interface ConnectOptions {
  readonly source: DestinationSource
  readonly ask: Ask
  readonly onStep: (step: string) => void
  readonly onLog: OnLog
  /** Ends the attempt, and the connection once it stands. */
  readonly signal: AbortSignal
}

const MAX_HOPS = 8
const ALIVE_COUNT = 3
/** Between the socket being there and the login being complete, not counting the time of questions. */
const HANDSHAKE_TIMEOUT_MS = 30_000

/** Connects to `[user@]host[:port]` or an alias. Rejects with a Problem. */
export async function connectSsh(address: string, options: ConnectOptions): Promise<HostShell> {
  return await connectHop(address, undefined, options, 0)
}

/** `via`: the hops that a longer jump list puts before this one; undefined: as configured for itself. */
async function connectHop(
  address: string,
  via: readonly string[] | undefined,
  options: ConnectOptions,
  depth: number,
): Promise<SshConnection> {
  if (depth > MAX_HOPS)
    throw new Problem('bad-input', `cannot reach ${address}: ProxyJump goes round in circles`)
  const destination = await readDestination(options.source, address)
  const hops = via ?? (destination.route.kind === 'jump' ? destination.route.hops : [])
  const last = hops.at(-1)
  if (last === undefined) {
    const socket = await openSocket(destination, via === undefined, options)
    return await SshConnection.establish(destination, socket, undefined, options)
  }
  const before = hops.length > 1 ? hops.slice(0, -1) : undefined
  const jump = await connectHop(last, before, options, depth + 1)
  try {
    options.onStep(`connecting to ${destination.label} through ${jump.label}`)
    const stream = await jump.forward(destination)
    return await SshConnection.establish(destination, stream, jump, options)
  } catch (error) {
    await jump.close()
    throw error
  }
}

async function openSocket(
  destination: Destination,
  mayUseCommand: boolean,
  options: ConnectOptions,
): Promise<Duplex> {
  options.onStep(`connecting to ${destination.label}`)
  if (mayUseCommand && destination.route.kind === 'command') {
    return startProxyCommand(destination.route.command, options.onLog)
  }
  const socket = createConnection({ host: destination.hostName, port: destination.port, noDelay: true })
  try {
    await connected(socket, destination, options.signal)
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
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
  private readonly client: Client
  private readonly channels = new ChannelQueue()
  private reason: Problem | undefined
  private readonly ended: Promise<void>

  private constructor(destination: Destination, client: Client, jump: SshConnection | undefined) {
    this.label = destination.label
    this.user = destination.user
    this.client = client
    client.on('error', (error) => {
      this.reason ??= connectionProblem(this.label, error)
    })
    this.ended = new Promise((resolve) => client.once('close', () => resolve()))
    this.closed = this.ended.then(() => {
      const reason =
        this.reason ?? new Problem('disconnected', `lost the connection to ${this.label}: the host closed it`)
      this.channels.end(reason)
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
      await authenticate(client, socket, destination, options)
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
    return this.channels.run(signal, () => startRemoteProcess(this.client, this.label, script, signal))
  }

  forward({ hostName, port, label }: Destination): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.client.forwardOut('127.0.0.1', 0, hostName, port, (error, stream) => {
        if (error === undefined) resolve(stream)
        else
          reject(new Problem('unreachable', `cannot reach ${label} through ${this.label}: ${error.message}`))
      })
    })
  }

  async close(): Promise<void> {
    this.reason ??= new Problem('cancelled', `closed the connection to ${this.label}`)
    this.client.end()
    const timer = setTimeout(() => this.client.destroy(), 2000)
    await this.ended
    clearTimeout(timer)
  }
}

/** Resolves when logged in. Checks the host's key before anything secret is sent. */
async function authenticate(
  client: Client,
  socket: Duplex,
  destination: Destination,
  options: ConnectOptions,
): Promise<void> {
  const { label } = destination
  const serverHostKey = await orderHostKeyAlgorithms(destination)
  const failed = Promise.withResolvers<never>()
  const clock = new PatientClock(HANDSHAKE_TIMEOUT_MS, () => {
    failed.reject(
      new Problem(
        'timed-out',
        `cannot log in to ${label}: no answer within ${HANDSHAKE_TIMEOUT_MS / 1000} s`,
      ),
    )
  })
  const context = { ask: clock.pausing(options.ask), onLog: options.onLog, signal: options.signal }
  const login = new Login(destination, context)
  let isTrusted = false
  const cancel = () => failed.reject(cancelledProblem(`cannot connect to ${label}`, options.signal))
  options.signal.addEventListener('abort', cancel, { once: true })
  if (options.signal.aborted) cancel()
  client.on('error', (error: Error & { level?: string }) => {
    // An agent that cannot sign is no end: ssh2 goes on to the next method.
    if (error.level === 'agent') options.onLog('warning', `key not used: ${error.message}`)
    else if (error.level === 'client-authentication') failed.reject(login.failure())
    else if (isTrusted && error.level === undefined) failed.reject(login.failure(error.message))
    else failed.reject(connectionProblem(label, error))
  })
  client.once('close', () => {
    const reason = isTrusted
      ? 'the host closed the connection during the login'
      : 'the host closed the connection'
    failed.reject(new Problem('disconnected', `cannot connect to ${label}: ${reason}`))
  })
  client.on('banner', (text) => options.onLog('info', text.slice(0, 4096)))
  const ready = new Promise<void>((resolve) => client.once('ready', resolve))
  // A proxy may have failed by now; ssh2 would wait for it all the same.
  if (socket.destroyed)
    failed.reject(connectionProblem(label, socket.errored ?? new Error('the proxy ended')))
  client.connect({
    sock: socket,
    username: destination.user,
    algorithms: { serverHostKey },
    hostVerifier: (key: Buffer, verify: (isValid: boolean) => void) => {
      verifyHostKey(destination, key, context).then(
        () => {
          isTrusted = true
          options.onStep(`logging in to ${label}`)
          verify(true)
        },
        (error: unknown) => {
          failed.reject(asProblem(error))
          verify(false)
        },
      )
    },
    authHandler: login.handler,
    // The clock above stands still during questions; ssh2's own does not.
    readyTimeout: 0,
    keepaliveInterval: destination.aliveIntervalMs,
    keepaliveCountMax: ALIVE_COUNT,
  })
  try {
    await Promise.race([ready, failed.promise])
  } finally {
    clock.stop()
    options.signal.removeEventListener('abort', cancel)
    client.removeAllListeners('close')
    // Late errors of a client that has been given up have nobody to hear them.
    failed.promise.catch(() => undefined)
  }
}
