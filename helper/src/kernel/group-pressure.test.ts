import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findUnifiedGroup, maxGroupDepth, parseUnifiedGroup, readGroupIoPressure } from './group-pressure.ts'

const scope = '/machine.slice/machine-qemu\\x2d1\\x2dweb.scope'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'group-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function addProcess(cgroup: string): { proc: string; sys: string } {
  mkdirSync(join(folder, 'proc/7'), { recursive: true })
  writeFileSync(join(folder, 'proc/7/cgroup'), cgroup)
  return { proc: join(folder, 'proc'), sys: join(folder, 'sys') }
}

function addGroup(path: string, files: Readonly<Record<string, string>>): void {
  const group = join(folder, 'sys/fs/cgroup', path)
  mkdirSync(group, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(group, file), text)
}

const pressure =
  'some avg10=12.50 avg60=0.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n'

describe('io.pressure of a guest', () => {
  it('is that of its scope where libvirt puts its threads into groups of their own', async () => {
    const root = addProcess(`0::${scope}/libvirt/emulator\n`)
    addGroup(`${scope}/libvirt/emulator`, { 'cgroup.type': 'threaded\n', 'io.pressure': 'some avg10=1.00\n' })
    addGroup(`${scope}/libvirt`, { 'cgroup.type': 'domain threaded\n', 'io.pressure': pressure })
    expect(await readGroupIoPressure(root, 7)).toEqual({
      group: `${scope}/libvirt/emulator`,
      someRatio: 0.125,
    })
  })

  it('is read beside cgroup v1, too', async () => {
    const root = addProcess('4:memory:/x\n0::/user.slice\n')
    addGroup('unified/user.slice', { 'cgroup.type': 'domain\n', 'io.pressure': pressure })
    expect(await readGroupIoPressure(root, 7)).toEqual({ group: '/user.slice', someRatio: 0.125 })
  })

  it('is not looked for in groups below groups without an end', async () => {
    const deep = '/g'.repeat(maxGroupDepth)
    addGroup(deep, { 'cgroup.type': 'domain\n', 'io.pressure': pressure })
    addGroup(`${deep}/g`, { 'cgroup.type': 'domain\n', 'io.pressure': pressure })
    expect(await readGroupIoPressure(addProcess(`0::${deep}\n`), 7)).toMatchObject({ someRatio: 0.125 })
    const root = addProcess(`0::${deep}/g\n`)
    expect(await readGroupIoPressure(root, 7)).toMatchObject({
      absent: expect.stringContaining('deeper than'),
    })
    expect(await findUnifiedGroup(root, 7)).toBeUndefined()
  })

  it.each([
    ['4:memory:/x\n', /no cgroup v2/],
    ['0::/\n', /of its own/],
    ['0::/../outside\n', /not visible/],
    ['0::/user.slice\n', /does not report/],
  ])('of %j is absent, and says why', async (cgroup, why) => {
    const { absent, someRatio } = await readGroupIoPressure(addProcess(cgroup), 7)
    expect(someRatio).toBeUndefined()
    expect(absent).toMatch(why)
  })
})

it('parseUnifiedGroup takes the line of version 2 alone', () => {
  expect(parseUnifiedGroup('1:cpu:/a\n0::/b c:d\n')).toBe('/b c:d')
})
