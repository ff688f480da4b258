import { describe, expect, it } from 'vitest'
import { hostLink, parseRoute, paths } from './route.ts'

describe('parseRoute', () => {
  it.each([
    ['', { path: paths.fleet }],
    ['#/', { path: paths.fleet }],
    ['#/audit', { path: paths.audit }],
    ['#/host/a%20b', { path: paths.host, hostId: 'a b' }],
    [hostLink('ä/b'), { path: paths.host, hostId: 'ä/b' }],
    ['#/host/%', { path: paths.fleet }],
    ['#/host/', { path: paths.fleet }],
    ['#/host/a/b', { path: paths.fleet }],
  ])('%s', (fragment, route) => {
    expect(parseRoute(fragment)).toEqual(route)
  })
})
