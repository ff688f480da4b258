import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parseSmaps, readSmaps } from './smaps.ts'

const text = `7f4f9be00000-7f4fabe00000 rw-p 00000000 00:00 0
Size:             262144 kB
Rss:              194560 kB
Anonymous:        194560 kB
AnonHugePages:    194560 kB
VmFlags: rd wr mr mw me dc ac hg mg
7f4fb0000000-7f4fb0001000 rw-s 00000000 00:0f 1234                       /memfd:ram (deleted)
Size:                  4 kB
Anonymous:             0 kB
AnonHugePages:         0 kB
VmFlags: rd wr sh mr mw me ms
`

describe('parseSmaps', () => {
  it('reads mappings with their flags', () => {
    const [ram, shared] = parseSmaps(text)
    expect(ram).toMatchObject({ start: 0x7f4f9be00000, end: 0x7f4fabe00000, permissions: 'rw-p', name: '' })
    expect(ram?.anonHugePagesBytes).toBe(194560 * 1024)
    expect([ram?.anonymousBytes, shared?.anonymousBytes]).toEqual([194560 * 1024, 0])
    expect(ram?.flags.has('mg')).toBe(true)
    expect(shared).toMatchObject({ inode: 1234, name: '/memfd:ram (deleted)' })
    expect(shared?.flags.has('sh')).toBe(true)
  })

  it('finds nothing in nothing', () => {
    expect(parseSmaps('')).toEqual([])
  })
})

describe('readSmaps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-smaps-'))
  const root = { proc: folder, sys: folder }
  mkdirSync(join(folder, '7'))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('reads what comes in many parts, and refuses one that has no end', async () => {
    const one = (path: string) => text.replace('/memfd:ram', path)
    writeFileSync(join(folder, '7/smaps'), one('/ä\r').repeat(5000))
    const mappings = await readSmaps(root, 7)
    expect(mappings).toHaveLength(10_000)
    expect(mappings.at(-1)).toMatchObject({ inode: 1234, name: '/ä\r (deleted)' })
    writeFileSync(join(folder, '7/smaps'), one(`/${'x'.repeat(4000)}`).repeat(10_000))
    await expect(readSmaps(root, 7)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('it has more than 32 MiB'),
    })
  })
})
