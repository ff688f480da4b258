import { expect, it } from 'vitest'
import { findArm } from './arms.ts'

const library = { list: async () => [] }

it('finds arms that need no policy file, which leave KSM as it is', async () => {
  expect(await findArm('off', library)).toEqual({ name: 'off' })
  expect((await findArm('adaptive', library)).policy).toMatchObject({
    scrub: { mode: 'adaptive' },
    ksm: { mode: 'observe' },
  })
  expect((await findArm('periodic:86400', library)).policy).toMatchObject({
    scrub: { mode: 'periodic', everySeconds: 86_400, guards: { maxIntervalSeconds: 86_400 } },
  })
})

it.each([
  ['periodic:86401', 'bad-input', 'cannot use the arm "periodic:86401": it takes 86400 seconds at most'],
  ['periodic:0', 'not-found', 'cannot find the arm "periodic:0"'],
  ['periodic:-5', 'not-found', 'cannot find the arm "periodic:-5"'],
  ['nights', 'not-found', 'cannot find the arm "nights"'],
])('says what is wrong with %s', async (name, code, message) => {
  await expect(findArm(name, library)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  })
})
