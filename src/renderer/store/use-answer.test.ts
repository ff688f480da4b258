// What a screen asks for in an effect is asked again when the link is new: else a page that was opened before the link
// stood, or while it was lost, shows a failure for ever.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const renderer = join(import.meta.dirname, '..')
/** Asked of what is pointed at, typed or begun by a person while the link stands: the next such act asks again. */
const byAct = [
  'add-hosts/use-import.ts',
  'connection-test/use-connection-test.ts',
  'experiments/ExperimentsPage.tsx',
  'memory-map/PlaceWords.tsx',
  'memory-map/use-cells.ts',
]

it('no screen asks main in an effect of its own that does not look at the link', () => {
  const asking = globSync('**/*.{ts,tsx}', { cwd: renderer })
    .filter((path) => !path.includes('.test.') && !byAct.includes(path))
    .filter((path) => {
      const text = readFileSync(join(renderer, path), 'utf8')
      return /\buseEffect\(/.test(text) && /\.call\(/.test(text) && !/link\.state|useAnswer/.test(text)
    })
  expect(asking).toEqual([])
})
