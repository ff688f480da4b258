import { describe, expect, it } from 'vitest'
import { parseBalloons } from './balloon.ts'

describe('parseBalloons', () => {
  it('reads what each domain has now, and leaves out those that do not tell', () => {
    const text = `Domain: 'web-1'
  balloon.current=1048576
  balloon.maximum=2097152

Domain: 'web-2'
  balloon.maximum=2097152

Domain: 'db'
  balloon.current=524288
`
    expect([...parseBalloons(text)]).toEqual([
      ['web-1', 2 ** 30],
      ['db', 2 ** 29],
    ])
  })

  it('reads nothing from nothing', () => {
    expect(parseBalloons('').size).toBe(0)
  })
})
