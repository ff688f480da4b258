import { describe, expect, it } from 'vitest'
import { parseDomstats, toDisks } from './block-statistics.ts'

describe('parseDomstats', () => {
  it('reads disks of several domains, leaves out those without counters', () => {
    const text = `Domain: 'guest-b1'
  block.count=2
  block.0.name=vda
  block.0.path=/images/b1.qcow2
  block.0.rd.reqs=12
  block.0.rd.bytes=4096
  block.0.rd.times=77
  block.0.wr.reqs=1
  block.0.wr.bytes=512
  block.1.name=sda

Domain: 'it''s = odd'
  block.count=0
`
    expect([...parseDomstats(text)]).toEqual([
      [
        'guest-b1',
        [
          {
            name: 'vda',
            readBytes: 4096,
            readRequests: 12,
            readSeconds: 77e-9,
          },
        ],
      ],
      ["it''s = odd", []],
    ])
  })

  it('believes no count', () => {
    expect(parseDomstats("Domain: 'x'\n  block.count=999999999\n").get('x')).toEqual([])
    expect(parseDomstats("Domain: 'x'\n  block.count=1\n  block.0.rd.bytes=-5\n").get('x')).toEqual([])
  })
})

describe('toDisks', () => {
  it('names a disk by its device, else by qdev path, node or place', () => {
    const stats = { rd_bytes: 1, rd_operations: 2, rd_total_time_ns: 3e9 }
    const counted = { readBytes: 1, readRequests: 2, readSeconds: 3 }
    expect(
      toDisks([
        { device: 'disk0', stats },
        { device: '', qdev: '/machine/peripheral/d1', 'node-name': 'n1', stats },
        { 'node-name': 'n2', stats },
        { stats: { rd_bytes: 1, rd_operations: 2 } },
      ]),
    ).toEqual([
      { name: 'disk0', ...counted },
      { name: '/machine/peripheral/d1', ...counted },
      { name: 'n2', ...counted },
      { name: '3', readBytes: 1, readRequests: 2 },
    ])
  })
})
