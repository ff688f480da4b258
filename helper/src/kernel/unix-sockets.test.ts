import { describe, expect, it } from 'vitest'
import { parseUnixSockets } from './unix-sockets.ts'

describe('parseUnixSockets', () => {
  it('tells listeners and connections of a path apart, and no socket of another', () => {
    const text = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 203140 /var/tmp/lab/guest a1.qmp
0000000000000000: 00000003 00000000 00000000 0001 03 203141 /var/tmp/lab/guest a1.qmp
0000000000000000: 00000003 00000000 00000000 0001 03 203142
0000000000000000: 00000002 00000000 00010000 0001 01 203143 /srv /var/tmp/lab/guest a1.qmp
`
    expect(parseUnixSockets(text, '/var/tmp/lab/guest a1.qmp')).toEqual([
      { inode: '203140', path: '/var/tmp/lab/guest a1.qmp', listening: true, connected: false },
      { inode: '203141', path: '/var/tmp/lab/guest a1.qmp', listening: false, connected: true },
    ])
  })
})
