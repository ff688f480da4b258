import { describe, expect, it } from 'vitest'
import { type Edits, edit, redo, startEdits, undo } from './edits.ts'

const choose = (edits: Edits, text: string) => edit(edits, text, 0, false)

describe('edits', () => {
  it('go back and forth, and a new one ends what was undone', () => {
    const three = choose(choose(startEdits('a'), 'b'), 'c')
    expect(undo(three).now).toBe('b')
    expect(undo(undo(three)).now).toBe('a')
    expect(undo(undo(undo(three))).now).toBe('a')
    expect(redo(undo(three)).now).toBe('c')
    expect(redo(three).now).toBe('c')
    const other = choose(undo(undo(three)), 'd')
    expect(redo(other).now).toBe('d')
    expect(undo(other).now).toBe('a')
  })

  it('undo letters typed in one go at once, and a pause or a choice begins anew', () => {
    let edits = choose(startEdits('a'), 'b')
    edits = edit(edits, 'b1', 1000, true)
    edits = edit(edits, 'b12', 1500, true)
    expect(undo(edits).now).toBe('b')
    edits = edit(edits, 'b123', 9000, true)
    expect(undo(edits).now).toBe('b12')
    expect(undo(choose(edits, 'x')).now).toBe('b123')
    // Typed and taken back in one go: nothing was edited.
    expect(edit(edit(startEdits('a'), 'ab', 0, true), 'a', 10, true).done).toEqual([])
  })

  it('are kept up to a hundred, and none is no edit', () => {
    const first = startEdits('0')
    expect(choose(first, '0')).toBe(first)
    const many = Array.from({ length: 300 }, (_, index) => `${index + 1}`).reduce(choose, first)
    expect(many.done).toHaveLength(100)
  })
})
