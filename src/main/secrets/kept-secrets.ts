// Secrets that a person asked to be kept: sealed by the system's store, in one file of the data folder. Nothing is kept
// unasked, nothing where the store gives no protection, and what a host does not take is forgotten.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { most } from '../../shared/contract/bounded.ts'
import type { KeptSecret, PromptQuestion, SecretPlace } from '../../shared/contract/index.ts'
import { keptKind, keptSecret } from '../../shared/contract/secrets.ts'
import { asProblem, type Problem } from '../../shared/problem.ts'
import { InTurn } from '../../shared/time/in-turn.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { SecretKeeper } from '../hosts/prompt-board.ts'
import { readStateFile, writeStateFile } from '../state-files/state-file.ts'

/** The system's store of secrets, as far as it is used: it holds the key, we hold what is sealed with it. */
export interface SystemStore {
  /** The system may ask the person to unlock it, so it is asked for when a secret is. */
  find(): Promise<SecretPlace>
  seal(text: string): Promise<Buffer>
  /** Rejects where another key or another person sealed it. */
  unseal(sealed: Buffer): Promise<string>
}

const sealedSecret = keptSecret.extend({ sealed: z.base64().max(16_384) })
const secretsFile = z.object({ version: z.literal(1), secrets: z.array(sealedSecret).max(most.prompts) })
type SealedSecret = z.infer<typeof sealedSecret>

export interface KeptSecretsParts {
  readonly dataDirectory: string
  readonly system: SystemStore
  /** What cannot be kept or read is asked for as before: the login goes on. */
  readonly onProblem: (problem: Problem) => void
}

export class KeptSecrets implements SecretKeeper {
  readonly #path: string
  readonly #parts: KeptSecretsParts
  #place: Promise<SecretPlace> | undefined
  /** What each login was given last, as it lies sealed. */
  readonly #given = new Map<string, string>()
  /** Of the file. */
  readonly #edits = new InTurn()

  constructor(parts: KeptSecretsParts) {
    this.#parts = parts
    this.#path = join(parts.dataDirectory, 'secrets.json')
  }

  async placeFor(question: PromptQuestion): Promise<SecretPlace | undefined> {
    return keyOf(question) === undefined ? undefined : await this.#find()
  }

  /**
   * The first attempt uses what is kept. A second one means that the host refused what this login was given, which is
   * forgotten. What was kept since, by another login that wants the same, is tried first.
   */
  async answerFor(question: PromptQuestion): Promise<string | undefined> {
    const key = keyOf(question)
    if (key === undefined || question.kind === 'host-key') return undefined
    // One secret of a key file answers many logins.
    const login = JSON.stringify(key)
    if (question.attempt === 1) this.#given.delete(login)
    const found = (await this.#read()).find(({ id }) => id === key.id)
    if (found === undefined) return undefined
    if (this.#given.get(login) === found.sealed) {
      const isOther = ({ id, sealed }: SealedSecret) => id !== key.id || sealed !== found.sealed
      await this.#try('cannot forget a secret', () => this.#change((secrets) => secrets.filter(isOther)))
      return undefined
    }
    if ((await this.#find()).state !== 'offered') return undefined
    const answer = await this.#try('cannot use a kept secret', () =>
      this.#parts.system.unseal(Buffer.from(found.sealed, 'base64')),
    )
    if (answer !== undefined) this.#given.set(login, found.sealed)
    return answer
  }

  async keep(question: PromptQuestion, value: string): Promise<void> {
    const key = keyOf(question)
    if (key === undefined || (await this.#find()).state !== 'offered') return
    await this.#try('cannot keep a secret', async () => {
      const sealed = (await this.#parts.system.seal(value)).toString('base64')
      this.#given.set(JSON.stringify(key), sealed)
      await this.#change((secrets) => [
        ...secrets.filter(({ id }) => id !== key.id),
        { ...key, keptAt: wallClock(), sealed },
      ])
    })
  }

  async list(): Promise<{ place: SecretPlace; kept: KeptSecret[] }> {
    const kept = (await this.#read()).map(({ sealed: _, ...secret }) => secret)
    return { place: await this.#find(), kept }
  }

  /** `id` absent: all of them. */
  async forget(id?: string): Promise<void> {
    await this.#change((secrets) => (id === undefined ? [] : secrets.filter((one) => one.id !== id)))
  }

  #find(): Promise<SecretPlace> {
    this.#place ??= this.#parts.system.find().catch((error: unknown) => {
      this.#place = undefined
      return { state: 'refused' as const, reason: asProblem(error, 'cannot use it').message.slice(0, 1024) }
    })
    return this.#place
  }

  async #read(): Promise<readonly SealedSecret[]> {
    return (await this.#try('cannot read kept secrets', () => this.#readFile())) ?? []
  }

  async #readFile(): Promise<readonly SealedSecret[]> {
    const file = await readStateFile(this.#path, secretsFile, this.#parts.onProblem)
    return file?.secrets ?? []
  }

  #change(apply: (secrets: readonly SealedSecret[]) => SealedSecret[]): Promise<void> {
    return this.#edits.run(async () => {
      const secrets = apply(await this.#readFile())
      await writeStateFile(this.#path, secretsFile, { version: 1, secrets })
    })
  }

  async #try<T>(what: string, act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      this.#parts.onProblem(asProblem(error, what))
      return undefined
    }
  }
}

/** One secret for each person at each address; of a key file one, whatever host wants it. Undefined: never kept. */
function keyOf(question: PromptQuestion): Omit<KeptSecret, 'keptAt'> | undefined {
  if (question.kind === 'host-key' || question.echo) return undefined
  const kind = keptKind.safeParse(question.kind).data
  if (kind === undefined) return undefined
  const { user, address, text } = question
  const names = kind === 'passphrase' ? [kind, text] : [kind, user, address]
  const id = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32)
  return { id, kind, user, address, text }
}
