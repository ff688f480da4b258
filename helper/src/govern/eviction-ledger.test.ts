import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FixtureHost, makeFixtureHost } from '../../../test/fakes/ksm-fixture-host.ts'
import { listAudit } from '../changes/audit.ts'
import { EvictionLedger } from './eviction-ledger.ts'

let host: FixtureHost
beforeEach(() => {
  host = makeFixtureHost('linux-6.18')
  mkdirSync(host.context.folders.state, { recursive: true })
})
afterEach(() => host.remove())

const lines = () => listAudit(host.context.folders, 10).map(({ target, after }) => [target, after])
const evicted = (evictedPages: number) => [{ path: '/images/a', id: '8:1:5@1', evictedPages }]

describe('the ledger of evictions', () => {
  it('writes the first line at once, the others by the minute', () => {
    const ledger = new EvictionLedger(host.context)
    ledger.addEvicted(evicted(256), 0)
    ledger.addEvicted(evicted(256), 30)
    expect(lines()).toEqual([['/images/a', '1 MiB evicted']])
    ledger.addEvicted(evicted(256), 60)
    expect(lines()).toEqual([
      ['/images/a', '1 MiB evicted'],
      ['/images/a', '2 MiB evicted'],
    ])
  })

  it('keeps two images apart whose paths are the same', () => {
    const ledger = new EvictionLedger(host.context)
    const label = (id: string) => `/storage/data.img [${id}]`
    const images = ['0:50:7@1', '0:51:7@1'].map((id) => ({ path: label(id), id, evictedPages: 256 }))
    ledger.addEvicted(images, 0)
    expect(lines()).toEqual([
      [label('0:50:7@1'), '1 MiB evicted'],
      [label('0:51:7@1'), '1 MiB evicted'],
    ])
    // The other container has ended, so that the path alone tells the image: still another than the one before.
    ledger.addEvicted([{ path: '/storage/data.img', id: '0:51:7@1', evictedPages: 256 }], 30)
    ledger.addEvicted([{ path: '/storage/data.img', id: '0:52:7@1', evictedPages: 512 }], 31)
    ledger.flush(90)
    expect(lines().slice(2)).toEqual([
      ['/storage/data.img', '1 MiB evicted'],
      ['/storage/data.img', '2 MiB evicted'],
    ])
  })

  it('loses nothing of a killed run', async () => {
    const killed = new EvictionLedger(host.context)
    killed.addEvicted(evicted(256), 0)
    killed.addEvicted(evicted(512), 10)
    const next = new EvictionLedger(host.context)
    await next.recover()
    expect(lines()).toEqual([
      ['/images/a', '1 MiB evicted'],
      ['/images/a', '2 MiB evicted'],
    ])
    await next.recover()
    expect(lines()).toHaveLength(2)
    expect(existsSync(join(host.context.folders.state, 'govern-evictions.json'))).toBe(false)
  })

  it('takes a file that was cut off for none', async () => {
    writeFileSync(join(host.context.folders.state, 'govern-evictions.json'), '{"at": 1, "pag')
    await new EvictionLedger(host.context).recover()
    expect(lines()).toEqual([])
  })
})
