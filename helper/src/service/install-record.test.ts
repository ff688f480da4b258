import { expect, it } from 'vitest'
import { type InstalledProgram, withProgram } from './install-record.ts'

const build = (name: string): InstalledProgram => ({ version: '1', buildDigest: name, path: `/p/${name}` })

it('keeps the build before the one that runs, and none beside itself', () => {
  const first = withProgram(undefined, build('a'))
  expect(first).toEqual({ current: build('a') })
  expect(withProgram(first, build('a'))).toEqual(first)
  const second = withProgram(first, build('b'))
  expect(second).toEqual({ current: build('b'), previous: build('a') })
  expect(withProgram(second, build('b'))).toEqual(second)
  const back = withProgram(second, build('a'))
  expect(back).toEqual({ current: build('a'), previous: build('b') })
})
