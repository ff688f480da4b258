// Whoever asks the kernel says where it tells, or by what right: a figure is checked against its source, not against us.
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isTest, readSource } from './import-graph.mjs'
import { findKernelReaders, findSilent, source, sourceOrPrivilege } from './kernel-readers.ts'

const files = readSource(dirname(dirname(import.meta.dirname)), ['helper/src']).filter(
  ({ path }) => !isTest(path),
)
const within = (folder: string) => files.filter(({ path }) => path.startsWith(`helper/src/${folder}/`))
const readers = findKernelReaders(within('kernel'))

describe('functions that ask the kernel', () => {
  it('are told from those that parse its answers', () => {
    expect(readers).toContain('helper/src/kernel/ksm-stat.ts#readKsmStat')
    expect(readers).toContain('helper/src/kernel/present-pages.ts#PresentPages')
    expect(readers).not.toContain('helper/src/kernel/ksm-stat.ts#parseKsmStat')
  })

  it('name the file or call of the kernel that answers', () => {
    expect(findSilent(within('kernel'), readers, source)).toEqual([])
  })

  it.each(['identical-pages', 'page-cache', 'ksm'])(
    'name it, or the privilege that they need, in %s',
    (room) => {
      expect(findSilent(within(room), readers, sourceOrPrivilege)).toEqual([])
    },
  )

  it('are found when they say neither', () => {
    const path = 'helper/src/ksm/silent.ts'
    const text = `import { readKsmStat } from '../kernel/ksm-stat.ts'
/** Pages of a guest. */
export function pagesOf(pid: number) {
  return own(pid)
}
const own = (pid: number) => readKsmStat(pid)
`
    expect(findSilent([{ path, text }], readers, sourceOrPrivilege)).toEqual([`${path}:3 pagesOf`])
    const told = text.replace('guest. */', 'guest. Needs root. */')
    expect(findSilent([{ path, text: told }], readers, sourceOrPrivilege)).toEqual([])
  })
})
