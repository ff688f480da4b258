import { describe, expect, it } from 'vitest'
import { withValue } from '../../shared/with-value.ts'
import { isLoopbackHost, isSameOrigin, pathOf } from './request-origin.ts'

describe('isLoopbackHost', () => {
  it.each([
    ['127.0.0.1:8080', true],
    ['localhost', true],
    ['LOCALHOST:1', true],
    ['[::1]:9', true],
    ['evil.example:8080', false],
    ['127.0.0.1.evil.example', false],
    ['localhost:8080:1', false],
    ['localhost:8080/x', false],
    ['localhost:80;script-src *', false],
    ['user@localhost', false],
    ['', false],
    [undefined, false],
  ])('%s is %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected)
  })
})

describe('isSameOrigin', () => {
  it.each([
    ['http://127.0.0.1:80', '127.0.0.1:80', true],
    ['http://evil.example', '127.0.0.1:80', false],
    ['http://evil.example', 'evil.example', false],
    ['http://127.0.0.1:81', '127.0.0.1:80', false],
    ['null', '127.0.0.1:80', false],
    [undefined, '127.0.0.1:80', false],
  ])('origin %s at %s is %s', (origin, host, expected) => {
    expect(isSameOrigin({ headers: { ...withValue({ origin }), host } })).toBe(expected)
  })
})

describe('pathOf', () => {
  it.each([
    ['/', '/'],
    ['/rpc', '/rpc'],
    ['/a/b?x=//#y', '/a/b'],
    ['//', undefined],
    ['//evil.example/rpc', undefined],
    ['*', undefined],
    ['http://127.0.0.1/rpc', undefined],
    ['/\u00e4', undefined],
    ['/a b', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of %s is %s', (url, expected) => {
    expect(pathOf(url)).toBe(expected)
  })
})
