// The desktop app as electron-builder packs it, around a stand-in for Electron's own files: what is in it, and the fuses.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extractFile, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureApp } from '../../scripts/built-parts.mjs'
import { listRuntimePackages } from '../../scripts/package/runtime-packages.ts'
import { writeStandInDistribution } from '../electron/stand-in-distribution.ts'

const root = join(import.meta.dirname, '../..')
const off = '0'.charCodeAt(0)
const on = '1'.charCodeAt(0)

describe('the desktop package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-desktop-package-'))
  const unpacked = join(folder, 'out/linux-unpacked')
  const asar = join(unpacked, 'resources/app.asar')

  beforeAll(async () => {
    await ensureApp(root, ['--logLevel', 'warn'])
    await writeStandInDistribution(folder)
    const builder = join(root, 'node_modules/electron-builder/cli.js')
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [
        builder,
        '--linux',
        'dir',
        '--publish',
        'never',
        `-c.electronDist=${join(folder, 'dist')}`,
        `-c.directories.output=${join(folder, 'out')}`,
      ],
      { cwd: root, encoding: 'utf8' },
    )
    expect(status, stdout + stderr).toBe(0)
  }, 180_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('holds the bundles and exactly the packages that run', () => {
    const files = listPackage(asar, { isPack: false })
    expect(files).toEqual(
      expect.arrayContaining(['/out/main/index.js', '/out/preload/index.cjs', '/out/renderer/index.html']),
    )
    const packages = new Set(
      files.flatMap((path) => /^\/node_modules\/((?:@[^/]+\/)?[^/@]+)\//.exec(path)?.[1] ?? []),
    )
    const needed = listRuntimePackages(root).map((path) => path.slice('node_modules/'.length))
    expect([...packages].sort()).toEqual(needed)
  })

  it('holds no source, no map and no test', () => {
    const odd = listPackage(asar, { isPack: false }).filter((path) => /\.tsx?$|\.map$|\/tests?\//.test(path))
    expect(odd).toEqual([])
    const main = JSON.parse(extractFile(asar, 'package.json').toString()) as Record<string, unknown>
    expect(main.main).toBe('out/main/index.js')
    expect(main.devDependencies).toBeUndefined()
    expect(main.scripts).toBeUndefined()
  })

  it('has the helper beside the archive, from where it can be run and copied', () => {
    const helper = join(unpacked, 'resources/helper/singleton-helper-linux-x64')
    expect(statSync(helper).mode & 0o111).not.toBe(0)
    expect(existsSync(join(unpacked, 'resources/helper/manifest.json'))).toBe(true)
    expect(existsSync(join(unpacked, 'resources/sbom.cdx.json'))).toBe(true)
    expect(existsSync(join(unpacked, 'resources/third-party-licenses.txt'))).toBe(true)
  })

  it('can be written by its owner only', () => {
    const open = globSync('**', { cwd: unpacked }).filter(
      (path) => (statSync(join(unpacked, path)).mode & 0o022) !== 0,
    )
    expect(open).toEqual([])
  })

  it('has the fuses of a release, read back from the program', async () => {
    const wire = await getCurrentFuseWire(join(unpacked, 'singleton-workbench-desktop'))
    expect(wire).toMatchObject({
      [FuseV1Options.RunAsNode]: off,
      [FuseV1Options.EnableCookieEncryption]: on,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
      [FuseV1Options.EnableNodeCliInspectArguments]: off,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: on,
      [FuseV1Options.OnlyLoadAppFromAsar]: on,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: off,
    })
  })
})
