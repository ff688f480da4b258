import { describe, expect, it } from 'vitest'
import { parseSmaps } from './smaps.ts'

const text = `7f4f9be00000-7f4fabe00000 rw-p 00000000 00:00 0
Size:             262144 kB
Rss:              194560 kB
AnonHugePages:    194560 kB
VmFlags: rd wr mr mw me dc ac hg mg
7f4fb0000000-7f4fb0001000 rw-s 00000000 00:0f 1234                       /memfd:ram (deleted)
Size:                  4 kB
AnonHugePages:         0 kB
VmFlags: rd wr sh mr mw me ms
`

describe('parseSmaps', () => {
  it('reads mappings with their flags', () => {
    const [ram, shared] = parseSmaps(text)
    expect(ram).toMatchObject({ start: 0x7f4f9be00000, end: 0x7f4fabe00000, permissions: 'rw-p', name: '' })
    expect(ram?.anonHugePagesBytes).toBe(194560 * 1024)
    expect(ram?.flags.has('mg')).toBe(true)
    expect(shared).toMatchObject({ inode: 1234, name: '/memfd:ram (deleted)' })
    expect(shared?.flags.has('sh')).toBe(true)
  })

  it('finds nothing in nothing', () => {
    expect(parseSmaps('')).toEqual([])
  })
})
