import { describe, expect, it } from 'vitest'
import { listAptPackages } from './apt-packages.mjs'

describe('Debian packages', () => {
  it.each([
    ['unit', ['ksm']],
    ['check', []],
    ['format', []],
    ['dev', []],
    ['cli', ['assess', 'local']],
    ['test', ['unit', 'ksm']],
    ['test', ['types', 'lint']],
  ])('are not needed for npm run %s -- %j', (command, args) => {
    expect(listAptPackages(command, args)).toEqual([])
  })

  it.each([
    ['test', []],
    ['test', ['unit', 'integration']],
    ['test', ['e2e', 'fleet']],
    ['demo', []],
  ])('are needed for npm run %s -- %j', (command, args) => {
    expect(listAptPackages(command, args).map(({ name }) => name)).toContain('qemu-system-x86')
  })
})
