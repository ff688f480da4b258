// From an open socket to a logged-in client: host key first, then authentication, within a time limit.
import type { Duplex } from 'node:stream'
import type { Client, ConnectConfig } from 'ssh2'
import { asProblem, Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import type { HostKeyAlgorithm } from './algorithms.ts'
import type { Ask, OnLog } from './ask.ts'
import { cancelledProblem, PatientClock } from './clock.ts'
import type { Destination } from './destination.ts'
import { orderHostKeyAlgorithms, type Trust, verifyHostKey } from './host-key.ts'
import { fingerprint, readKeyType } from './known-hosts.ts'
import { fileHostKey } from './known-hosts-files.ts'
import { Login } from './login.ts'
import { connectionProblem, hostKeyProofProblem } from './socket-problem.ts'
import { type StageWatch, unwatched } from './stages.ts'

export interface HandshakeOptions {
  readonly ask: Ask
  readonly onStep: (step: string) => void
  readonly onLog: OnLog
  readonly signal: AbortSignal
  readonly stages: StageWatch
}

/** Between the socket being there and the login being complete, not counting the time of questions. */
const handshakeTimeoutMs = 30_000
const maxBannerLength = 4096
const maxBanners = 16

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
  readonly #client: Client
  readonly #destination: Destination
  readonly #options: HandshakeOptions
  readonly #clock: PatientClock
  readonly #login: Login
  readonly #failed = Promise.withResolvers<never>()
  /** The login waits for it: the host's key is proven, and filed if it was new. */
  readonly #keyFiled = Promise.withResolvers<void>()
  /** The key that may be trusted once the host has proven to hold it. */
  #accepted: { readonly key: Buffer; readonly trust: Trust } | undefined
  #isProven = false
  /** Withdraws a question that nobody waits for any more. */
  readonly #over = new AbortController()
  #banners = 0

  constructor(client: Client, destination: Destination, options: HandshakeOptions) {
    this.#client = client
    this.#destination = destination
    this.#clock = new PatientClock(handshakeTimeoutMs, () => this.#expire())
    const ask: Ask = (question, signal) => options.ask(question, AbortSignal.any([signal, this.#over.signal]))
    this.#options = { ...options, ask: this.#clock.pausing(ask) }
    this.#login = new Login(destination, {
      ...this.#options,
      ready: this.#keyFiled.promise,
      fail: (problem) => this.#failed.reject(problem),
    })
    // A failure that comes after the outcome has nobody to hear it.
    this.#failed.promise.catch(() => undefined)
    this.#keyFiled.promise.catch(() => undefined)
  }

  async run(socket: Duplex, algorithms: HostKeyAlgorithm[]): Promise<void> {
    const options = this.#options
    const client = this.#client
    const { label } = this.#destination
    options.signal.addEventListener('abort', this.#cancel, { once: true })
    if (options.signal.aborted) this.#cancel()
    client.on('error', this.#hearError)
    client.once('close', this.#hearClose)
    client.on('banner', this.#hearBanner)
    client.once('handshake', this.#hearProof)
    const ready = new Promise<void>((resolve) => client.once('ready', resolve))
    if (socket.destroyed) {
      // A proxy may have failed by now; ssh2 would wait for it all the same.
      throw connectionProblem(label, socket.errored ?? new Error('the proxy ended'))
    }
    options.stages.begin('greeting', label)
    client.connect(this.#configure(socket, algorithms))
    await Promise.race([ready, this.#failed.promise])
    options.stages.fact(`logged in by ${this.#login.lastTried || 'no method at all'}`)
  }

  /** The listener for errors stays: late ones would otherwise end the process. */
  release(): void {
    this.#clock.stop()
    this.#over.abort()
    this.#options.signal.removeEventListener('abort', this.#cancel)
    this.#client.off('close', this.#hearClose)
  }

  #configure(socket: Duplex, hostKeyAlgorithms: HostKeyAlgorithm[]): ConnectConfig {
    const { user, algorithms, aliveIntervalMs, aliveCountMax } = this.#destination
    return {
      sock: socket,
      username: user,
      algorithms: {
        serverHostKey: hostKeyAlgorithms,
        kex: [...algorithms.kex],
        cipher: [...algorithms.cipher],
        hmac: [...algorithms.mac],
        // zlib would let a host that has proven nothing yet feed a decompressor.
        compress: ['none'],
      },
      hostVerifier: this.#answerVerifier,
      authHandler: this.#login.handler,
      // The clock stands still during questions; ssh2's own does not.
      readyTimeout: 0,
      ...(this.#options.stages !== unwatched && { debug: this.#hearDebug }),
      keepaliveInterval: aliveIntervalMs,
      keepaliveCountMax: aliveCountMax,
    }
  }

  /** ssh2 asks before it checks the signature, and again at every later exchange of keys. */
  readonly #answerVerifier = (key: Buffer, verify: (isTrusted: boolean) => void): void => {
    if (this.#accepted !== undefined) {
      verify(this.#isSameKey(this.#accepted.key, key))
      return
    }
    this.#verify(key)
      .then(() => {
        // An answer that comes after the connection ended files no key.
        this.#over.signal.throwIfAborted()
        verify(true)
      })
      .catch((error: unknown) => {
        this.#failed.reject(asProblem(error))
        try {
          verify(false)
        } catch {
          // The connection ended while somebody was asked; the outcome is known, and ssh2 has nothing left to end.
        }
      })
  }

  /** After the login nobody waits for the handshake: the connection tells why it ends. */
  #isSameKey(accepted: Buffer, key: Buffer): boolean {
    if (accepted.equals(key)) return true
    const { label } = this.#destination
    const message = `lost the connection to ${label}: the host has changed its key`
    this.#client.emit('error', new Problem('host-key-changed', message))
    return false
  }

  async #verify(key: Buffer): Promise<void> {
    const { label } = this.#destination
    const { stages } = this.#options
    stages.begin('host-key', label)
    stages.fact(`${readKeyType(key) ?? 'unknown type'} ${fingerprint(key)}`)
    const trust = await verifyHostKey(this.#destination, key, this.#options)
    this.#accepted = { key: Buffer.from(key), trust }
  }

  /** The signature over the exchange is right: the host holds the key. */
  readonly #hearProof = (): void => {
    this.#isProven = true
    this.#fileIfNew().then(
      () => {
        this.#options.stages.begin('login', this.#destination.label)
        this.#options.onStep(`logging in to ${this.#destination.label}`)
        this.#keyFiled.resolve()
      },
      (error: unknown) => {
        this.#failed.reject(asProblem(error))
        this.#keyFiled.reject(asProblem(error))
      },
    )
  }

  async #fileIfNew(): Promise<void> {
    const { stages, onLog } = this.#options
    // Without a host key there is no exchange, and ssh2 calls nobody.
    if (this.#accepted === undefined) throw hostKeyProofProblem(this.#destination.label)
    const { key, trust } = this.#accepted
    if (trust === 'filed') {
      stages.fact('known_hosts has this key')
      return
    }
    await fileHostKey(this.#destination, key)
    onLog('info', `saved the host key ${fingerprint(key)} of ${this.#destination.hostKeyNames[0]}`)
    stages.fact('it was accepted now and added to known_hosts')
  }

  /** ssh2 tells the other side's version nowhere else. */
  readonly #hearDebug = (text: string): void => {
    const [, version] = /Remote ident: '(.{0,255})'/.exec(text) ?? []
    if (version !== undefined) this.#options.stages.fact(oneLine(version, 255))
  }

  readonly #hearBanner = (text: string): void => {
    this.#banners += 1
    if (this.#banners <= maxBanners)
      this.#options.onLog('info', oneLine(text.slice(0, 4 * maxBannerLength), maxBannerLength))
  }

  readonly #hearError = (error: Error & { level?: string }): void => {
    // An agent that cannot sign is no end: ssh2 goes on to the next method.
    if (error.level === 'agent') this.#options.onLog('warning', `key not used: ${error.message}`)
    else if (error.level === 'client-authentication') this.#failed.reject(this.#login.failure())
    else if (this.#isProven && error.level === undefined)
      this.#failed.reject(this.#login.failure(oneLine(error.message, 1024)))
    else this.#failed.reject(connectionProblem(this.#destination.label, error))
  }

  readonly #hearClose = (): void => {
    const when = this.#isProven ? ' during the login' : ''
    const message = `cannot connect to ${this.#destination.label}: the host closed the connection${when}`
    this.#failed.reject(new Problem('disconnected', message))
  }

  readonly #cancel = (): void => {
    this.#failed.reject(
      cancelledProblem(`cannot connect to ${this.#destination.label}`, this.#options.signal),
    )
  }

  #expire(): void {
    const seconds = handshakeTimeoutMs / 1000
    const message = `cannot log in to ${this.#destination.label}: no answer within ${seconds} s`
    this.#failed.reject(new Problem('timed-out', message))
  }
}
