import { describe, expect, it } from 'vitest'
import { type MachineKind, pickHelper } from './manifest.ts'

const targets = ['linux-x64', 'linux-x64-baseline', 'linux-arm64', 'linux-x64-musl', 'linux-arm64-musl']
const manifest = (names: readonly string[]) => ({
  buildDigest: 'ab'.repeat(32),
  helpers: names.map((target) => ({ target, file: target, sha256: '0'.repeat(64), bytes: 1, gzipBytes: 1 })),
})
const kind = (machine: string, libc: MachineKind['libc'], hasAvx2 = true) => ({ machine, libc, hasAvx2 })

describe('picking a helper', () => {
  it.each([
    [kind('x86_64', 'glibc'), 'linux-x64'],
    [kind('x86_64', 'glibc', false), 'linux-x64-baseline'],
    [kind('x86_64', 'unknown'), 'linux-x64'],
    [kind('x86_64', 'musl'), 'linux-x64-musl'],
    [kind('aarch64', 'glibc', false), 'linux-arm64'],
    [kind('aarch64', 'musl', false), 'linux-arm64-musl'],
  ])('%o: %s', (machine, target) => {
    expect(pickHelper(manifest(targets), machine, 'host').target).toBe(target)
  })

  it.each([
    [kind('x86_64', 'glibc', false), /x86_64 without AVX2 .*singleton-helper-linux-x64-baseline/],
    [kind('x86_64', 'musl'), /musl.*singleton-helper-linux-x64-musl/],
    [kind('aarch64', 'glibc'), /aarch64.*singleton-helper-linux-arm64/],
    [kind('riscv64', 'glibc'), /riscv64/],
    [kind('i686', 'glibc'), /i686/],
  ])('%o: says what is missing', (machine, message) => {
    expect(() => pickHelper(manifest(['linux-x64']), machine, 'host')).toThrow(message)
  })
})
