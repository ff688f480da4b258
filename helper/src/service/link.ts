// The way from a session to the service of the same host: the host contract over its socket.
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import {
  AbstractMessageReader,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node'
import {
  type HostContract,
  hostContract,
  hostNotifications,
  hostProtocol,
} from '../../../src/shared/contract/host-contract.ts'
import type { PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import { type Call, callContract, listenTo } from '../../../src/shared/rpc.ts'
import { readPeer } from '../kernel/peer-credentials.ts'
import { errnoOf, systemProblem } from '../kernel/system-error.ts'
import { FrameDecoder } from '../serve/frames.ts'
import { descriptorOf } from './socket.ts'

/** To be let in, and from there to the first line: a service that hangs does neither. */
const answerMs = 5000
const longestPreamble = 256

export interface ServiceLink {
  readonly call: Call<HostContract>
  readonly isOpen: boolean
  close(): void
}

export interface LinkParts {
  readonly path: string
  /** Of this program. A service of another build may know other keys of a policy. */
  readonly buildDigest: string
  readonly onRound: (round: PolicyRound) => void
  readonly log: (line: string) => void
}

/**
 * Connects; undefined: no service listens there, or it is not for this user to talk to. Throws `protocol` where a
 * service answers that speaks another protocol than this helper, and `timed-out` where one listens and says nothing.
 */
export async function connectToService({
  path,
  buildDigest,
  onRound,
  log,
}: LinkParts): Promise<ServiceLink | undefined> {
  if (!existsSync(path)) return undefined
  const socket = await openSocket(path)
  if (socket === undefined) return undefined
  const fd = descriptorOf(socket)
  if (fd === undefined || readPeer(fd).uid !== 0) {
    socket.destroy()
    throw new Problem(
      'not-permitted',
      `cannot use ${path}: the process that listens there is not run by root`,
    )
  }
  const reader = new SocketReader(socket)
  const connection = createMessageConnection(reader, new StreamMessageWriter(socket))
  let isOpen = true
  const end = () => {
    if (!isOpen) return
    isOpen = false
    connection.dispose()
    socket.destroy()
  }
  connection.onClose(end)
  connection.onError(end)
  listenTo(
    connection,
    hostNotifications,
    (_name, round) => onRound(round),
    (name, reason) => log(`left out what the service reported by ${name}: ${reason.slice(0, 200)}`),
  )
  connection.listen()
  const build = await agree(reader, path, end)
  const call = callContract(connection, hostContract)
  return {
    call: build === buildDigest ? call : namingOtherBuild(call),
    get isOpen() {
      return isOpen
    },
    close: end,
  }
}

const upgradeRemedy = 'Upgrade the service to this build: "service upgrade HOST".'

/** Returns the digest of the service's build. Ends the connection where it does not come to that. */
async function agree(reader: SocketReader, path: string, end: () => void): Promise<string> {
  try {
    const preamble = await readPreamble(reader, path)
    const [, protocol, build] = /^singleton-helper (\d{1,9}) ([\w.-]+)$/.exec(preamble ?? '') ?? []
    if (protocol === String(hostProtocol) && build !== undefined) return build
  } catch (error) {
    end()
    throw error
  }
  end()
  throw new Problem('protocol', `cannot talk to the service at ${path}: it speaks another protocol`, {
    remedy: upgradeRemedy,
  })
}

/** undefined: the service has gone, or what it says is no preamble. */
async function readPreamble({ preamble }: SocketReader, path: string): Promise<string | undefined> {
  const silence = Promise.withResolvers<never>()
  const timer = setTimeout(() => silence.reject(hangs(path)), answerMs)
  try {
    return await Promise.race([preamble, silence.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** What two builds do not understand of each other is no fault of the policy. */
function namingOtherBuild(call: Call<HostContract>): Call<HostContract> {
  return async (...args) => {
    try {
      return await call(...args)
    } catch (error) {
      const { code, message } = asProblem(error)
      if (code !== 'bad-input' && code !== 'protocol') throw error
      throw new Problem(code, `the service is of another build than this workbench: ${message}`, {
        remedy: upgradeRemedy,
        cause: error,
      })
    }
  }
}

function hangs(path: string): Problem {
  return new Problem(
    'timed-out',
    `cannot talk to the service at ${path}: it has not answered within ${answerMs / 1000} s`,
    {
      remedy: 'See "systemctl status singleton-helper" on the host, and restart the service where it hangs.',
    },
  )
}

/** What says that nobody listens there, or not for this user. */
const nobodyThere: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOENT', 'EACCES', 'EPERM'])

/** undefined: nobody listens there for this user. Throws where somebody does, and does not let us in. */
function openSocket(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    const timer = setTimeout(() => socket.destroy(hangs(path)), answerMs)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
    socket.on('error', (error) => {
      if (nobodyThere.has(errnoOf(error))) resolve(undefined)
      else reject(systemProblem(error, `connect to ${path}`))
    })
    socket.once('close', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
}

/** One line in front, frames from there on. */
class SocketReader extends AbstractMessageReader {
  readonly preamble: Promise<string | undefined>
  readonly #socket: Socket
  readonly #decoder = new FrameDecoder()
  readonly #told = Promise.withResolvers<string | undefined>()
  #head: Buffer | undefined = Buffer.alloc(0)

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    this.preamble = this.#told.promise
  }

  listen(callback: DataCallback): Disposable {
    const onData = (chunk: Buffer) => {
      try {
        this.#decoder.decode(this.#behindPreamble(chunk), (value) => callback(value as Message))
      } catch (error) {
        this.fireError(asProblem(error))
      }
    }
    const onClose = () => {
      this.#told.resolve(undefined)
      this.fireClose()
    }
    // Bun tells of a peer that has gone by the end of what it says, and of the close only when something is written.
    this.#socket.on('data', onData).once('end', onClose).once('close', onClose)
    return { dispose: () => this.#socket.off('data', onData).off('end', onClose).off('close', onClose) }
  }

  #behindPreamble(chunk: Buffer): Buffer {
    if (this.#head === undefined) return chunk
    const joined = Buffer.concat([this.#head, chunk])
    const end = joined.indexOf('\n')
    if (end === -1 && joined.length <= longestPreamble) {
      this.#head = joined
      return Buffer.alloc(0)
    }
    this.#head = undefined
    this.#told.resolve(end === -1 ? undefined : joined.toString('latin1', 0, end))
    return end === -1 ? Buffer.alloc(0) : joined.subarray(end + 1)
  }
}
