import { describe, expect, it } from 'vitest'
import { BrowserAccess, isLoopbackHost, isSameOrigin } from './browser-access.ts'

describe('isLoopbackHost', () => {
  it.each([
    ['127.0.0.1:8080', true],
    ['localhost', true],
    ['LOCALHOST:1', true],
    ['[::1]:9', true],
    ['evil.example:8080', false],
    ['127.0.0.1.evil.example', false],
    ['localhost:8080:1', false],
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
    expect(isSameOrigin({ headers: { ...(origin !== undefined && { origin }), host } })).toBe(expected)
  })
})

describe('BrowserAccess', () => {
  it('takes each token once, and the cookie again and again', () => {
    const access = new BrowserAccess(1234)
    const { token } = access
    const header = access.exchange(token)
    expect(header).toMatch(/^singleton-1234=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/)
    expect(access.exchange(token)).toBeUndefined()
    expect(access.exchange('')).toBeUndefined()
    expect(access.token).not.toBe(token)
    const cookie = header?.split(';')[0] ?? ''
    expect(access.isAllowed(`other=1; ${cookie}`)).toBe(true)
    expect(access.isAllowed(`${cookie}x`)).toBe(false)
    expect(access.isAllowed(undefined)).toBe(false)
  })
})
