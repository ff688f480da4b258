import { expect, it } from 'vitest'
import { readViews, withView } from './saved-views.ts'

it('keeps views by name, the last of each name', () => {
  const views = withView(withView([], { name: 'a', query: 'x' }), { name: 'b', query: 'y' })
  const kept = JSON.stringify(withView(views, { name: 'a', query: 'z' }))
  expect(readViews(kept)).toEqual([
    { name: 'b', query: 'y' },
    { name: 'a', query: 'z' },
  ])
})

it.each([undefined, '', '{', '[{"name":""}]', '{"a":1}'])('reads none from %j', (text) => {
  expect(readViews(text)).toEqual([])
})
