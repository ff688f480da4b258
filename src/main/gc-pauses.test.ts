import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const module = join(import.meta.dirname, 'gc-pauses.ts')

/** MiB of the young generation after much that lives for a while, in a process of its own. */
function youngMiB(first: string): number {
  const script = `
    ${first}
    let alive = []
    for (let i = 0; i < 3e6; i += 1) { alive.push({ i }); if (alive.length > 2e5) alive = [] }
    const { getHeapSpaceStatistics } = await import('node:v8')
    console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20)`
  return Number(
    execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }),
  )
}

it('keeps the young generation from growing', () => {
  const short = `const { keepPausesShort } = await import(${JSON.stringify(module)}); keepPausesShort()`
  expect(youngMiB(short)).toBeLessThan(youngMiB('') / 4)
})
