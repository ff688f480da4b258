// All keys that may log in to one destination, offered one by one: the public half is shown first, and a
// passphrase is asked for only once the host has said that it accepts the key.
import { access } from 'node:fs/promises'
import ssh2, {
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import { Problem } from '../../shared/problem.ts'
import { oneLine } from '../../shared/text/printable.ts'
import { type AgentKeys, listAgentKeys } from './agent.ts'
import type { Ask, OnLog } from './ask.ts'
import type { Destination } from './destination.ts'
import { type KeyFile, readKeyFile, signWithKeyFile, type UnusableKey } from './key-file.ts'

export interface KeyRingContext {
  readonly ask: Ask
  readonly onLog: OnLog
  readonly signal: AbortSignal
}

const passphraseAttempts = 3
const noAgent: AgentKeys = { keys: [], unusable: [] }

type Holder = { readonly kind: 'agent' } | { readonly kind: 'file'; readonly file: KeyFile }
/** A key and where its private half is. */
export interface RingKey {
  readonly publicKey: ParsedKey
  readonly holder: Holder
  readonly name: string
}

/** `keys` in the order to show them in. */
export interface KeyRing {
  readonly keys: readonly RingKey[]
  readonly unusable: readonly UnusableKey[]
}

/** Reads agent and files; what cannot be used is logged and kept in `unusable`. */
export async function openKeyRing(destination: Destination, context: KeyRingContext): Promise<KeyRing> {
  const unusable: UnusableKey[] = []
  const agent = await readAgent(destination, context.onLog)
  const files = await readFiles(destination, context.onLog, unusable)
  const isFiled = (key: ParsedKey) =>
    files.some(({ publicKey }) => publicKey !== undefined && sameKey(publicKey, key))
  const fromAgent = agent.keys.map(
    (publicKey): RingKey => ({
      publicKey,
      holder: { kind: 'agent' },
      name: `agent key "${oneLine(publicKey.comment, 256)}"`,
    }),
  )
  const named = fromAgent.filter(({ publicKey }) => isFiled(publicKey))
  const others = destination.identitiesOnly ? [] : fromAgent.filter(({ publicKey }) => !isFiled(publicKey))
  const inAgent = (file: KeyFile) =>
    agent.keys.some((key) => file.publicKey !== undefined && sameKey(file.publicKey, key))
  const isAccepted = ({ publicKey, name }: RingKey): boolean => {
    if (destination.acceptedKeyTypes.has(publicKey.type)) return true
    unusable.push({ name, reason: `PubkeyAcceptedAlgorithms leaves out keys of type ${publicKey.type}` })
    return false
  }
  const fromFiles = files.flatMap((file): RingKey[] =>
    file.publicKey === undefined || file.text === undefined || inAgent(file)
      ? []
      : [{ publicKey: file.publicKey, holder: { kind: 'file', file }, name: file.path }],
  )
  unusable.push(...agent.unusable)
  const keys = [...named, ...others, ...fromFiles].filter(isAccepted)
  for (const key of unusable) context.onLog('warning', `cannot use ${key.name}: ${key.reason}`)
  return { keys, unusable }
}

async function readAgent(destination: Destination, onLog: OnLog): Promise<AgentKeys> {
  if (destination.agentSocket === undefined) return noAgent
  try {
    return await listAgentKeys(destination.agentSocket)
  } catch (error) {
    onLog('warning', `cannot ask the SSH agent at ${destination.agentSocket}: ${(error as Error).message}`)
    return noAgent
  }
}

async function readFiles(
  destination: Destination,
  onLog: OnLog,
  unusable: UnusableKey[],
): Promise<KeyFile[]> {
  const files: KeyFile[] = []
  for (const path of destination.identityFiles) {
    if (await exists(`${path}-cert.pub`)) {
      unusable.push({ name: `${path}-cert.pub`, reason: 'certificates are not supported' })
    }
    const read = await readKeyFile(path)
    if (read.kind === 'unusable') unusable.push(read.unusable)
    else if (read.kind === 'missing') {
      if (destination.hasOwnIdentities) onLog('warning', `there is no identity file ${path}`)
    } else if (read.key.publicKey === undefined) {
      unusable.push({ name: path, reason: 'it is encrypted in an old format and has no .pub file beside it' })
    } else files.push(read.key)
  }
  return files
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function sameKey(one: ParsedKey, other: ParsedKey): boolean {
  return one.getPublicSSH().equals(other.getPublicSSH())
}

/**
 * One key as an agent for ssh2. One each, because ssh2 walks through all keys of an agent without looking
 * at the host's answer in between: it would miss that a key was taken as the first of two factors.
 */
export class KeyOffer extends ssh2.BaseAgent<ParsedKey> {
  /** The host took the key: if the login is not complete then, it wants another factor. */
  wasSigned = false
  /** Set when the person cancelled the passphrase. */
  cancelled: Problem | undefined
  readonly #destination: Destination
  readonly #context: KeyRingContext
  readonly #key: RingKey

  constructor(destination: Destination, context: KeyRingContext, key: RingKey) {
    super()
    this.#destination = destination
    this.#context = context
    this.#key = key
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [this.#key.publicKey])
  }

  override sign(
    publicKey: ParsedKey,
    data: Buffer,
    optionsOrCallback: SigningRequestOptions | SignCallback,
    maybeCallback?: SignCallback,
  ): void {
    const options = typeof optionsOrCallback === 'function' ? {} : optionsOrCallback
    const callback = typeof optionsOrCallback === 'function' ? optionsOrCallback : maybeCallback
    const { holder } = this.#key
    const signature =
      holder.kind === 'agent'
        ? this.#signWithAgent(publicKey, data, options)
        : this.#signWithFile(holder.file, data, options.hash)
    signature
      .then(
        (value) => {
          this.wasSigned = true
          callback?.(undefined, value)
        },
        (error: Error) => callback?.(error),
      )
      // ssh2 throws when the connection has ended in the meantime.
      .catch((error: Error) => this.#context.onLog('warning', `key not used: ${error.message}`))
  }

  #signWithAgent(publicKey: ParsedKey, data: Buffer, options: SigningRequestOptions): Promise<Buffer> {
    const agent = new ssh2.OpenSSHAgent(this.#destination.agentSocket ?? '')
    return new Promise((resolve, reject) => {
      agent.sign(publicKey, data, options, (error, signature) => {
        if (signature !== undefined) resolve(signature)
        else reject(error ?? new Error('the agent did not sign'))
      })
    })
  }

  async #signWithFile(file: KeyFile, data: Buffer, hash: string | undefined): Promise<Buffer> {
    if (!file.isEncrypted) {
      const signature = await signWithKeyFile(file, data, hash, undefined)
      if (signature === undefined) throw new Error(`cannot sign with ${file.path}`)
      return signature
    }
    for (let attempt = 1; attempt <= passphraseAttempts; attempt += 1) {
      const passphrase = await this.#askPassphrase(file.path, attempt)
      const signature = await signWithKeyFile(file, data, hash, passphrase)
      if (signature !== undefined) return signature
      this.#context.onLog('warning', `wrong passphrase for ${file.path}`)
    }
    throw new Error(`no correct passphrase for ${file.path}`)
  }

  async #askPassphrase(path: string, attempt: number): Promise<string> {
    const { label, user } = this.#destination
    const answer = await this.#context.ask(
      { kind: 'passphrase', address: label, user, text: path.slice(0, 1024), echo: false, attempt },
      this.#context.signal,
    )
    if (answer.kind === 'secret') return answer.value
    this.cancelled = new Problem(
      'cancelled',
      `cannot log in to ${label}: cancelled at the passphrase of ${path}`,
    )
    throw this.cancelled
  }
}
