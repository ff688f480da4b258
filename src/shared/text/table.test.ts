import { describe, expect, it } from 'vitest'
import { tableLines } from './table.ts'

describe('a table of text', () => {
  it('sets columns as wide as their widest cell, and numbers to the right', () => {
    expect(
      tableLines(
        ['guest', ' RAM'],
        [
          ['web', '2'],
          ['database', '16'],
        ],
      ),
    ).toEqual(['guest     RAM', 'web         2', 'database   16'])
  })

  it('takes the middle out of what is too long, and keeps the end that tells it apart', () => {
    const [, line = ''] = tableLines(['path'], [[`/start/${'x'.repeat(3000)}/end.img [8:1:42]`]])
    expect([...line]).toHaveLength(256)
    expect(line).toMatch(/^\/start\/x+…x+\/end\.img \[8:1:42\]$/)
  })
})
