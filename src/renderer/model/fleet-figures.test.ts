import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { HostView } from '../../shared/contract/index.ts'
import { figuresOf, filterHosts, groupsByTag, guestCpuOf, tagsOf } from './fleet-figures.ts'

const view = (id: string, more: Partial<HostView> = {}, tags: string[] = []): HostView => ({
  host: { id, name: id, address: `root@${id}.example`, mode: 'observe', tags },
  connection: { state: 'connected', since: 1 },
  sparkline: [],
  tasks: [],
  ...more,
})
const down: HostView['connection'] = {
  state: 'waiting',
  since: 1,
  retryAt: 2,
  problem: { code: 'unreachable', message: 'cannot connect to b: refused' },
}

describe('fleet figures', () => {
  it('counts hosts and sums only what is reported', () => {
    const figures = figuresOf([
      view('a', { reclaimedBytes: 5 }),
      view('b', { connection: down }),
      view('c', { reclaimedBytes: 0 }),
    ])
    expect(figures).toMatchObject({ hosts: 3, up: 2, down: 1, reclaimed: { bytes: 5, hosts: 2 } })
    expect(figures.trouble.map(({ host }) => host.id)).toEqual(['b'])
    expect(figures.reclaimable).toEqual({ bytes: 0, hosts: 0 })
  })

  it('counts a machine once: the newest sample of it for the kernel, one host of those that see the same guests', () => {
    const on = (bootId: string, pidNamespace: string, at: number, merged: number, evicted: number) => ({
      machine: { bootId, pidNamespace },
      latest: {
        at,
        memory: { totalBytes: 100, availableBytes: 50 },
        ksm: { mergedBytes: merged },
        guests: [],
        images: [],
      } as unknown as NonNullable<HostView['latest']>,
      reclaimedBytes: merged + evicted,
      reclaimableBytes: 7,
    })
    const figures = figuresOf([
      view('local', on('boot-1', 'pid:[1]', 1, 40, 0)),
      view('by ssh', on('boot-1', 'pid:[1]', 2, 44, 1)),
      view('container', on('boot-1', 'pid:[2]', 1, 40, 2)),
      view('other', on('boot-2', 'pid:[1]', 1, 300, 4)),
      view('never connected'),
    ])
    expect(figures).toMatchObject({
      hosts: 5,
      machines: 3,
      memory: { bytes: 200, hosts: 4 },
      reclaimable: { bytes: 21, hosts: 4 },
      reclaimed: { bytes: 44 + 300 + 1 + 2 + 4, hosts: 4 },
    })
  })

  it('groups by tag: a host is in the group of each of its tags, those without come last', () => {
    const views = [view('a', {}, ['rack1', 'lab']), view('b'), view('c', {}, ['rack1'])]
    const groups = groupsByTag(views).map(({ tag, holds }) => [
      tag,
      views.filter(holds).map((v) => v.host.id),
    ])
    expect(groups).toEqual([
      ['lab', ['a']],
      ['rack1', ['a', 'c']],
      [undefined, ['b']],
    ])
  })

  it.each([
    ['', null, ['a', 'b', 'c']],
    ['ROOT@b', null, ['b']],
    ['unreach', null, ['b']],
    ['example', 'rack1', ['a', 'c']],
    ['a lab', null, ['a']],
    ['nowhere', null, []],
  ])('filters by text %j and tag %j', (text, tag, ids) => {
    const views = [view('a', {}, ['rack1', 'lab']), view('b', { connection: down }), view('c', {}, ['rack1'])]
    expect(filterHosts(views, text, tag).map(({ host }) => host.id)).toEqual(ids)
    expect(tagsOf(views)).toEqual(['lab', 'rack1'])
  })
})

describe('the CPU of guests', () => {
  const guest = (pid: number, cpuRatio?: number) => ({
    ...{ pid, name: `g${pid}`, rssBytes: 1 },
    ...(cpuRatio !== undefined && { cpuRatio }),
  })
  it.each([
    ['is that of all of which it is known', [guest(1, 2.5), guest(2, 0), guest(3)], 2.5],
    ['is not known where no guest was sampled twice', [guest(1)], undefined],
    ['is none where no guest runs', [], 0],
  ])('%s', (_, guests, expected) => {
    expect(guestCpuOf(view('a', { latest: fakeSample({ guests }) }))).toBe(expected)
  })

  it('is not known without a sample', () => {
    expect(guestCpuOf(view('a'))).toBeUndefined()
  })
})
