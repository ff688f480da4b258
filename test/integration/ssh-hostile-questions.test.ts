// A host that asks too much: its questions are stripped, cut and counted before anybody reads them.
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { AuthContext, KeyboardAuthContext } from 'ssh2'
import { afterAll, afterEach, expect, it } from 'vitest'
import type { PromptAnswer, PromptQuestion } from '../../src/shared/contract/prompts.ts'
import { openShell } from '../beds/sshd/connect.ts'
import { type HostileServer, startHostileServer } from '../beds/sshd/hostile-server.ts'
import { makeSshHome, personWho } from '../beds/sshd/ssh-home.ts'

const home = makeSshHome()
let server: HostileServer
afterEach(() => server.close())
afterAll(() => home.remove())

/** Answers whatever it is asked, far more often than it should be. */
const obedient = () => personWho('accept', ...Array.from({ length: 100 }, () => 'x'))

function asking(ask: (context: KeyboardAuthContext) => void) {
  return (context: AuthContext) => {
    if (context.method === 'keyboard-interactive') ask(context)
    else context.reject(['keyboard-interactive'])
  }
}

it('ends the login at 17 questions at once', async () => {
  const prompts = Array.from({ length: 17 }, (_, each) => ({ prompt: `q${each}`, echo: true }))
  server = await startHostileServer({
    onAuthentication: asking((context) => context.prompt(prompts, () => context.accept())),
  })
  const person = obedient()
  await expect(openShell(server.address, { home, person })).rejects.toMatchObject({
    code: 'protocol',
    message: expect.stringContaining('17 questions'),
  })
  expect(person.questions.filter(({ kind }) => kind !== 'host-key')).toEqual([])
})

it('ends the login at the ninth round', async () => {
  let rounds = 0
  const goOn = (context: KeyboardAuthContext): void => {
    rounds += 1
    context.prompt([{ prompt: `round ${rounds}`, echo: false }], () => goOn(context))
  }
  server = await startHostileServer({ onAuthentication: asking(goOn) })
  const person = obedient()
  await expect(openShell(server.address, { home, person })).rejects.toMatchObject({
    code: 'protocol',
    message: expect.stringContaining('more than 8 rounds'),
  })
  expect(person.questions.filter(({ kind }) => kind === 'keyboard-interactive')).toHaveLength(8)
})

it('ends a login whose every factor is only one of more', async () => {
  server = await startHostileServer({
    onAuthentication: (context) => context.reject(['password'], context.method !== 'none'),
  })
  const person = obedient()
  await expect(openShell(server.address, { home, person })).rejects.toMatchObject({
    code: 'protocol',
    message: expect.stringContaining('more than 8 factors'),
  })
})

it.each(['password', 'keyboard-interactive'] as const)(
  'takes back its %s question when it hangs up',
  async (method) => {
    server = await startHostileServer({
      onAuthentication: (context) => {
        if (context.method === 'keyboard-interactive')
          context.prompt([{ prompt: 'code', echo: false }], () => context.reject())
        else context.reject([method])
      },
    })
    let isWithdrawn = false
    const person = personWho('accept')
    const ask = async (question: PromptQuestion, signal?: AbortSignal): Promise<PromptAnswer> => {
      if (question.kind === 'host-key') return await person.ask(question)
      for (const connection of server.connections) connection.end()
      if (signal !== undefined) await once(signal, 'abort')
      isWithdrawn = true
      return { kind: 'secret', value: 'too late' }
    }
    await expect(openShell(server.address, { home, person: { ...person, ask } })).rejects.toMatchObject({
      code: 'disconnected',
    })
    await expect.poll(() => isWithdrawn).toBe(true)
    // What ssh2 throws at the late answer would come up here.
    await setTimeout(100)
  },
)

it('shows its words without control characters, in 1,024 of them', async () => {
  const nasty = `\u001b[2J\u202epassword\u0007\r\n${'x'.repeat(9000)}`
  server = await startHostileServer({
    onAuthentication: asking((context) =>
      context.prompt([{ prompt: nasty, echo: false }], nasty, nasty, () => context.accept()),
    ),
  })
  const person = obedient()
  const { shell } = await openShell(server.address, { home, person })
  const [question] = person.questions.filter(({ kind }) => kind === 'keyboard-interactive')
  const text = question !== undefined && 'text' in question ? question.text : ''
  expect(text).toMatch(/^password x+/)
  expect(text.length).toBeLessThanOrEqual(1024)
  expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  await shell.close()
})
