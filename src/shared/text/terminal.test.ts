import { describe, expect, it } from 'vitest'
import { stripControls } from './printable.ts'
import { tableLines } from './table.ts'
import { inLine, statusLine, terminalJson, terminalText } from './terminal.ts'

// A title set, the screen cleared, a line faked, the direction turned, a name that looks like another.
const hostile = '\u001b]0;owned\u0007\u001b[2Jweb\r\nroot@host# \u202Egnp.\u200bx\u009b31m\u2028end'

/** What of it a terminal would obey, or show as something else. */
const drivers = (text: string) => [...'\u001b\u0007\u202e\u009b\u2028\r'].filter((one) => text.includes(one))

describe('text for a terminal', () => {
  it('keeps a hostile name on one line, without what drives a terminal', () => {
    expect(inLine(hostile)).toBe('web root@host# gnp.x31m end')
    expect(statusLine(hostile, 200)).toBe('\r\u001b[Kweb root@host# gnp.x31m end')
    expect(drivers(terminalText(`a\n${hostile}`))).toEqual([])
  })

  it('escapes in JSON what is invisible, and changes no value', () => {
    const document = { name: hostile, list: ['\u{e0041}ä😀', '\ud800'] }
    const text = terminalJson(document, 2)
    expect(JSON.parse(text)).toEqual(document)
    expect(stripControls(text)).toBe(text)
  })

  it('lets no cell of a table break its line or its columns', () => {
    const lines = tableLines(
      ['name', ' size'],
      [
        [hostile, '1'],
        ['😀', '22'],
        ['x'.repeat(5000), '3'],
      ],
    )
    expect(lines).toHaveLength(4)
    expect(new Set(lines.map((line) => [...line].length)).size).toBe(1)
    expect(drivers(lines.join(''))).toEqual([])
    expect(lines.join('')).not.toContain('\n')
  })
})
