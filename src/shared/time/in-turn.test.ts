import { expect, it } from 'vitest'
import { InTurn } from './in-turn.ts'

it('runs acts one after another, whatever became of those before', async () => {
  const turns = new InTurn()
  const seen: string[] = []
  const act = (name: string, fails = false) =>
    turns.run(async () => {
      seen.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    })
  const outcomes = await Promise.allSettled([act('a'), act('b', true), act('c')])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})
