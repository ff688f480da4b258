import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PromptQuestion, SecretPlace } from '../../shared/contract/index.ts'
import { PromptBoard } from '../hosts/prompt-board.ts'
import { KeptSecrets, type SystemStore } from './kept-secrets.ts'

const offered: SecretPlace = { state: 'offered', place: 'the keyring of this desktop' }
const refused: SecretPlace = { state: 'refused', reason: 'basic_text' }
const turned = (text: string) => [...text].reverse().join('')

const question = (
  kind: 'password' | 'passphrase' | 'sudo' | 'keyboard-interactive',
  attempt = 1,
  over: object = {},
): PromptQuestion => ({ kind, address: 'ada@box:22', user: 'ada', text: '', echo: false, attempt, ...over })

describe('secrets that are kept', () => {
  let folder: string
  const onProblem = vi.fn()
  const path = () => join(folder, 'secrets.json')
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'singleton-secrets-'))
    onProblem.mockClear()
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function open(place: SecretPlace = offered, over: Partial<SystemStore> = {}): KeptSecrets {
    const system: SystemStore = {
      find: async () => place,
      seal: async (text) => Buffer.from(turned(text)),
      unseal: async (sealed) => turned(sealed.toString()),
      ...over,
    }
    return new KeptSecrets({ dataDirectory: folder, system, onProblem })
  }

  it('answer the same question after a restart, and lie sealed in a file of their owner', async () => {
    await open().keep(question('password'), 'correct horse')
    expect(await open().answerFor(question('password'))).toBe('correct horse')
    expect(readFileSync(path(), 'utf8')).not.toContain('correct horse')
    expect(statSync(path()).mode & 0o777).toBe(0o600)
    expect(JSON.stringify(await open().list())).not.toContain(turned('correct horse'))
  })

  it('answer no other question', async () => {
    await open().keep(question('password'), 'secret')
    for (const other of [
      question('sudo'),
      question('password', 1, { user: 'root' }),
      question('password', 1, { address: 'ada@other:22' }),
    ])
      expect(await open().answerFor(other)).toBeUndefined()
  })

  it('of a key file answer for every host that takes the key', async () => {
    await open().keep(question('passphrase', 1, { text: '/k' }), 'secret')
    const elsewhere = question('passphrase', 1, { text: '/k', address: 'bob@other:22', user: 'bob' })
    expect(await open().answerFor(elsewhere)).toBe('secret')
    expect(await open().answerFor(question('passphrase', 1, { text: '/other' }))).toBeUndefined()
  })

  it('are forgotten by the login that tried them, and not by one that tried those before', async () => {
    const secrets = open()
    const one = (attempt: number) => question('passphrase', attempt, { text: '/k' })
    const other = (attempt: number) =>
      question('passphrase', attempt, { text: '/k', address: 'ada@other:22' })
    await secrets.keep(one(1), 'old')
    expect(await secrets.answerFor(one(1))).toBe('old')
    expect(await secrets.answerFor(other(1))).toBe('old')
    expect(await secrets.answerFor(one(2))).toBeUndefined()
    await secrets.keep(one(2), 'new')
    expect(await secrets.answerFor(other(2))).toBe('new')
    expect(await secrets.answerFor(other(3))).toBeUndefined()
    expect((await secrets.list()).kept).toEqual([])
  })

  it('are not forgotten by a login that was given nothing, but tried', async () => {
    const secrets = open()
    const one = (attempt: number) => question('passphrase', attempt, { text: '/k' })
    const other = question('passphrase', 1, { text: '/k', address: 'ada@other:22' })
    // The person answers by hand, and mistypes it.
    expect(await secrets.answerFor(one(1))).toBeUndefined()
    await secrets.keep(other, 'kept meanwhile')
    expect(await secrets.answerFor(one(2))).toBe('kept meanwhile')
    expect(await secrets.answerFor(one(3))).toBeUndefined()
    expect((await secrets.list()).kept).toEqual([])
  })

  it('are not forgotten where the store could not be opened for them', async () => {
    let isLocked = true
    const unseal = async (sealed: Buffer) => {
      if (isLocked) throw new Error('locked')
      return turned(sealed.toString())
    }
    const secrets = open(offered, { unseal })
    await open().keep(question('password'), 'right')
    expect(await secrets.answerFor(question('password'))).toBeUndefined()
    isLocked = false
    expect(await secrets.answerFor(question('password', 2))).toBe('right')
  })

  it.each([
    ['a host’s own question, which may want a code', question('keyboard-interactive')],
    ['what is shown as it is typed', question('password', 1, { echo: true })],
    ['a host key', { kind: 'host-key', address: 'x', keyType: 'x', fingerprint: 'x' } as const],
  ])('never are the answer to %s', async (_what, never) => {
    const secrets = open()
    expect(await secrets.placeFor(never)).toBeUndefined()
    await secrets.keep(never, 'secret')
    expect(existsSync(path())).toBe(false)
  })

  it('are forgotten when they are not accepted, and on request', async () => {
    const secrets = open()
    await secrets.keep(question('password'), 'old')
    expect(await secrets.answerFor(question('password', 2))).toBeUndefined()
    expect((await secrets.list()).kept).toEqual([])
    await secrets.keep(question('password'), 'new')
    await secrets.keep(question('sudo'), 'other')
    const [first] = (await secrets.list()).kept
    await secrets.forget(first?.id)
    expect((await secrets.list()).kept.map(({ kind }) => kind)).toEqual(['sudo'])
    await secrets.forget()
    expect((await secrets.list()).kept).toEqual([])
  })

  it('are not kept where the store gives no protection, and what was kept before is not used', async () => {
    await open().keep(question('password'), 'secret')
    const seal = vi.fn()
    const secrets = open(refused, { seal, unseal: seal })
    expect(await secrets.placeFor(question('password'))).toEqual(refused)
    expect(await secrets.answerFor(question('password'))).toBeUndefined()
    await secrets.keep(question('sudo'), 'secret')
    expect(seal).not.toHaveBeenCalled()
    expect((await secrets.list()).kept).toHaveLength(1)
  })

  it('do not keep anybody from logging in: a store or a file that fails is told, and the person is asked', async () => {
    const fails = async () => Promise.reject(new Error('locked'))
    await open().keep(question('password'), 'secret')
    expect(await open(offered, { unseal: fails }).answerFor(question('password'))).toBeUndefined()
    await open(offered, { seal: fails }).keep(question('sudo'), 'secret')
    expect(await open(offered, { find: fails }).placeFor(question('password'))).toMatchObject({
      state: 'refused',
    })
    writeFileSync(path(), '{"version":1,"secrets":[{"id":"../../x"}]}')
    expect(await open().answerFor(question('password'))).toBeUndefined()
    expect(onProblem).toHaveBeenCalledTimes(3)
  })
})

describe('a question', () => {
  const asked = { kind: 'password', address: 'a', user: 'a', text: '', echo: false, attempt: 1 } as const
  const { signal } = new AbortController()

  it('is kept only if the person ticked that', async () => {
    const keeper = { placeFor: async () => offered, answerFor: async () => undefined, keep: vi.fn() }
    const announce = vi.fn()
    const board = new PromptBoard(announce, keeper)
    for (const keep of [undefined, false, true]) {
      const answer = board.ask('host', asked, signal)
      await vi.waitFor(() => expect(board.list()).toHaveLength(1))
      expect(board.list()[0]?.keeping).toEqual(offered)
      const given = { kind: 'secret', value: 'x', ...(keep !== undefined && { keep }) } as const
      board.answer(board.list()[0]?.id ?? '', given)
      expect(await answer).toEqual(given)
    }
    expect(keeper.keep).toHaveBeenCalledOnce()
  })

  it('is not asked where its answer is kept', async () => {
    const keeper = { placeFor: async () => offered, answerFor: async () => 'kept', keep: vi.fn() }
    const announce = vi.fn()
    expect(await new PromptBoard(announce, keeper).ask('host', asked, signal)).toEqual({
      kind: 'secret',
      value: 'kept',
    })
    expect(announce).not.toHaveBeenCalled()
  })
})
