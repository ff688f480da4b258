import { describe, expect, it } from 'vitest'
import { entryOf, hostTabs, pageIds, topPages } from './page-table.ts'
import { hostLink, linkTo, parseRoute } from './route.ts'

describe('parseRoute', () => {
  it.each([
    ['', { page: 'fleet' }],
    ['#/', { page: 'fleet' }],
    ['#/audit', { page: 'audit' }],
    ['#/host/a%20b', { page: 'hostOverview', hostId: 'a b' }],
    ['#/host/a/ksm', { page: 'hostKsm', hostId: 'a' }],
    [hostLink('ä/b', 'hostMemory'), { page: 'hostMemory', hostId: 'ä/b' }],
    [linkTo('image', { hostId: 'a', item: '8:1:5@1/x' }), { page: 'image', hostId: 'a', item: '8:1:5@1/x' }],
    ['#/host/%', { page: 'fleet' }],
    ['#/host/', { page: 'fleet' }],
    ['#/host/a/b', { page: 'fleet' }],
    ['#/host/a/guest/', { page: 'fleet' }],
  ])('%s', (fragment, route) => {
    expect(parseRoute(fragment)).toMatchObject({ hostId: '', item: '', ...route })
  })

  it('reads what of the page is shown', () => {
    const { page, query } = parseRoute(hostLink('a', 'hostCache', { range: '7d', text: 'a&b' }))
    expect([page, query.get('range'), query.get('text')]).toEqual(['hostCache', '7d', 'a&b'])
  })
})

describe('the table of pages', () => {
  it('gives each page an address that leads back to it', () => {
    for (const page of pageIds) {
      expect(parseRoute(linkTo(page, { hostId: 'h/1', item: 'i?2' })).page).toBe(page)
    }
  })

  it.each([
    ['the bar at the top', topPages],
    ['the tabs of a host', hostTabs],
  ])('gives %s a key each, none of them twice', (_, ids) => {
    const keys = ids.map((id) => entryOf(id).key)
    expect(keys).not.toContain(undefined)
    expect(new Set(keys).size).toBe(ids.length)
  })
})
