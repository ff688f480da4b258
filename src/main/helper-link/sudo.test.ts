import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { asksForMore, SudoConversation, SudoPrompt } from './sudo.ts'

/** What sudo 1.9.13 and sudo-rs 0.2 print when the second question gets no answer. */
describe('asksForMore', () => {
  it.each([
    ['a code', '', 'sudo: no password was provided\nsudo: a password is required\n', true],
    [
      'a code, after the lecture',
      'We trust you have received the usual lecture',
      'sudo: a password is required',
      true,
    ],
    ['a code, of sudo-rs', '', 'sudo: Authentication failed, try again.\n', true],
    [
      'a wrong password',
      'Sorry, try again.\n',
      'Sorry, try again.\nsudo: 1 incorrect password attempt\n',
      false,
    ],
    ['a wrong password, told to a terminal', '', 'sudo: 1 incorrect password attempt\n', false],
    [
      'a wrong password, with an insult',
      'Take a stress pill\n',
      'sudo: 1 incorrect password attempt\n',
      false,
    ],
    [
      'a wrong password, of sudo-rs',
      'sudo: Authentication failed, try again.\n',
      'sudo: Authentication failed, try again.\nsudo: Authentication failed, try again.\n',
      false,
    ],
    ['nothing that we know', '', 'sudo: something else\n', false],
  ])('%s', (_, before, words, expected) => {
    expect(asksForMore(before, words)).toBe(expected)
  })
})

function converse() {
  const prompt = new SudoPrompt()
  const asked = prompt.option.replace('%p', 'anna')
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const running = {
    stdin,
    stdout,
    stderr,
    exited: new Promise<never>(() => undefined),
    kill: () => undefined,
  }
  return { conversation: new SudoConversation(running, prompt), asked, stdin, stderr }
}

describe('SudoConversation', () => {
  it('ends its answers at a second question, and knows why it came once sudo has ended', async () => {
    const { conversation, asked, stdin, stderr } = converse()
    stderr.write(asked)
    expect(await conversation.asked).toEqual({ of: 'anna' })
    conversation.answer('secret')
    expect(conversation.wantsMore).toBe(false)
    stderr.write(asked)
    await expect.poll(() => stdin.writableEnded).toBe(true)
    expect(stdin.read().toString()).toBe('secret\n')
    stderr.write('sudo: a password is required\n')
    await expect.poll(() => conversation.wantsMore).toBe(true)
    expect(conversation.words()).toBe('sudo: a password is required')
  })

  it('tells a wrong answer by what sudo says before it asks again', async () => {
    const { conversation, asked, stderr } = converse()
    stderr.write(asked)
    await conversation.asked
    conversation.answer('wrong')
    stderr.write(`Sorry, try again.\n${asked}`)
    await expect.poll(() => conversation.wasWrong).toBe(true)
    stderr.write('sudo: 1 incorrect password attempt\n')
    await expect.poll(() => conversation.words()).toContain('1 incorrect')
    expect(conversation.wantsMore).toBe(false)
  })
})
