import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findStaticFile } from './static-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-static-'))
const root = join(folder, 'renderer')
mkdirSync(join(root, 'assets'), { recursive: true })
writeFileSync(join(root, 'index.html'), 'index')
writeFileSync(join(root, 'assets/index-1a2b.js'), 'script')
writeFileSync(join(root, '.env'), 'secret')
writeFileSync(join(folder, 'secret.html'), 'secret')
mkdirSync(join(folder, 'renderer-other'))
writeFileSync(join(folder, 'renderer-other/index.html'), 'other')
symlinkSync(join(folder, 'secret.html'), join(root, 'link.html'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('findStaticFile', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', false],
    ['/index.html', 'text/html; charset=utf-8', false],
    ['/assets/index-1a2b.js', 'text/javascript; charset=utf-8', true],
  ])('finds %s', (path, mediaType, immutable) => {
    expect(findStaticFile(root, path)).toMatchObject({ mediaType, immutable })
  })

  it.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/..\\secret.html',
    '/assets/../../secret.html',
    '/../renderer-other/index.html',
    '/link.html',
    '/.env',
    '/assets',
    '/missing.html',
    '/index.html/more',
    '/%00index.html',
    '/%E0%A4%A',
    `/${'x'.repeat(5000)}.html`,
  ])('does not find %s', (path) => {
    expect(findStaticFile(root, path)).toBeUndefined()
  })
})
