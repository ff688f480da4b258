// From an open socket to a logged-in client: host key first, then authentication, within a time limit.
import type { Duplex } from 'node:stream'
import type { Client, ConnectConfig } from 'ssh2'
import { oneLine } from '../../shared/printable.ts'
import { asProblem, Problem } from '../../shared/problem.ts'
import type { Ask, OnLog } from './ask.ts'
import { cancelledProblem, PatientClock } from './clock.ts'
import type { Destination } from './destination.ts'
import { type HostKeyAlgorithm, orderHostKeyAlgorithms, verifyHostKey } from './host-key.ts'
import { fingerprint, readKeyType } from './known-hosts.ts'
import { Login } from './login.ts'
import { connectionProblem } from './socket-problem.ts'
import { type StageWatch, unwatched } from './stages.ts'

export interface HandshakeOptions {
  readonly ask: Ask
  readonly onStep: (step: string) => void
  readonly onLog: OnLog
  readonly signal: AbortSignal
  readonly stages: StageWatch
}

/** Between the socket being there and the login being complete, not counting the time of questions. */
const HANDSHAKE_TIMEOUT_MS = 30_000
const ALIVE_COUNT = 3
const MAX_BANNER = 4096

/** Resolves when logged in. Nothing secret is sent before the host's key is trusted. */
export async function logIn(
  client: Client,
  socket: Duplex,
  destination: Destination,
  options: HandshakeOptions,
): Promise<void> {
  const algorithms = await orderHostKeyAlgorithms(destination)
  const handshake = new Handshake(client, destination, options)
  try {
    await handshake.run(socket, algorithms)
  } finally {
    handshake.release()
  }
}

class Handshake {
  private readonly client: Client
  private readonly destination: Destination
  private readonly options: HandshakeOptions
  private readonly clock: PatientClock
  private readonly login: Login
  private readonly failed = Promise.withResolvers<never>()
  private isTrusted = false

  constructor(client: Client, destination: Destination, options: HandshakeOptions) {
    this.client = client
    this.destination = destination
    this.clock = new PatientClock(HANDSHAKE_TIMEOUT_MS, () => this.expire())
    this.options = { ...options, ask: this.clock.pausing(options.ask) }
    this.login = new Login(destination, this.options)
    // A failure that comes after the outcome has nobody to hear it.
    this.failed.promise.catch(() => undefined)
  }

  async run(socket: Duplex, algorithms: HostKeyAlgorithm[]): Promise<void> {
    const { client, options } = this
    const { label } = this.destination
    options.signal.addEventListener('abort', this.cancel, { once: true })
    if (options.signal.aborted) this.cancel()
    client.on('error', this.hearError)
    client.once('close', this.hearClose)
    client.on('banner', (text) => options.onLog('info', oneLine(text, MAX_BANNER)))
    const ready = new Promise<void>((resolve) => client.once('ready', resolve))
    if (socket.destroyed) {
      // A proxy may have failed by now; ssh2 would wait for it all the same.
      throw connectionProblem(label, socket.errored ?? new Error('the proxy ended'))
    }
    options.stages.begin('greeting', label)
    client.connect(this.configure(socket, algorithms))
    await Promise.race([ready, this.failed.promise])
    options.stages.fact(`logged in by ${this.login.lastTried || 'no method at all'}`)
  }

  /** The listener for errors stays: late ones would otherwise end the process. */
  release(): void {
    this.clock.stop()
    this.options.signal.removeEventListener('abort', this.cancel)
    this.client.off('close', this.hearClose)
  }

  private configure(socket: Duplex, algorithms: HostKeyAlgorithm[]): ConnectConfig {
    return {
      sock: socket,
      username: this.destination.user,
      algorithms: { serverHostKey: algorithms },
      hostVerifier: (key: Buffer, verify: (isTrusted: boolean) => void) => {
        this.verify(key).then(verify, (error: unknown) => {
          this.failed.reject(asProblem(error))
          verify(false)
        })
      },
      authHandler: this.login.handler,
      // The clock stands still during questions; ssh2's own does not.
      readyTimeout: 0,
      ...(this.options.stages !== unwatched && { debug: this.hearDebug }),
      keepaliveInterval: this.destination.aliveIntervalMs,
      keepaliveCountMax: ALIVE_COUNT,
    }
  }

  private async verify(key: Buffer): Promise<boolean> {
    const { label } = this.destination
    const { stages } = this.options
    stages.begin('host-key', label)
    stages.fact(`${readKeyType(key) ?? 'unknown type'} ${fingerprint(key)}`)
    const trustedBecause = await verifyHostKey(this.destination, key, this.options)
    stages.fact(trustedBecause)
    this.isTrusted = true
    stages.begin('login', label)
    this.options.onStep(`logging in to ${this.destination.label}`)
    return true
  }

  /** ssh2 tells the other side's version nowhere else. */
  private readonly hearDebug = (text: string): void => {
    const [, version] = /Remote ident: '(.{0,255})'/.exec(text) ?? []
    if (version !== undefined) this.options.stages.fact(oneLine(version, 255))
  }

  private readonly hearError = (error: Error & { level?: string }): void => {
    // An agent that cannot sign is no end: ssh2 goes on to the next method.
    if (error.level === 'agent') this.options.onLog('warning', `key not used: ${error.message}`)
    else if (error.level === 'client-authentication') this.failed.reject(this.login.failure())
    else if (this.isTrusted && error.level === undefined)
      this.failed.reject(this.login.failure(error.message))
    else this.failed.reject(connectionProblem(this.destination.label, error))
  }

  private readonly hearClose = (): void => {
    const when = this.isTrusted ? ' during the login' : ''
    const message = `cannot connect to ${this.destination.label}: the host closed the connection${when}`
    this.failed.reject(new Problem('disconnected', message))
  }

  private readonly cancel = (): void => {
    this.failed.reject(cancelledProblem(`cannot connect to ${this.destination.label}`, this.options.signal))
  }

  private expire(): void {
    const seconds = HANDSHAKE_TIMEOUT_MS / 1000
    const message = `cannot log in to ${this.destination.label}: no answer within ${seconds} s`
    this.failed.reject(new Problem('timed-out', message))
  }
}
