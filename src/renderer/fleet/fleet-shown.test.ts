import { expect, it } from 'vitest'
import { usualColumns } from './fleet-column-ids.ts'
import { queryOf, shownFrom } from './fleet-shown.ts'

it('writes nothing for the usual view, and reads it from nothing', () => {
  const usual = shownFrom(new URLSearchParams())
  expect(usual).toEqual({
    text: '',
    tag: null,
    grouped: false,
    columns: usualColumns,
    sort: { id: 'state', desc: false },
  })
  expect(queryOf(usual).toString()).toBe('')
})

it('keeps a view in an address', () => {
  const text = 'text=web+db&tag=k%C3%B6ln&group=tag&columns=guests%2Cswap&sort=-guests'
  const shown = shownFrom(new URLSearchParams(text))
  expect(shown).toEqual({
    text: 'web db',
    tag: 'köln',
    grouped: true,
    columns: ['guests', 'swap'],
    sort: { id: 'guests', desc: true },
  })
  expect(queryOf(shown).toString()).toBe(text)
})

it.each(['columns=', 'columns=nothing', 'sort=<script>'])('shows the usual for %s', (text) => {
  expect(queryOf(shownFrom(new URLSearchParams(text))).toString()).toBe('')
})
