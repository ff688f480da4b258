// What electron-builder is told of the desktop packages: each file that it names is there, and no package lacks what a
// desktop expects. What is packed in fact: test/integration/desktop-package.test.ts, where electron-builder also checks the
// whole of this configuration against its own schema.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { linkScheme } from '../../src/main/shell/deep-link.ts'

const root = dirname(dirname(import.meta.dirname))
const place = z.object({ from: z.string(), to: z.string() })
const packages = z.object({ fpm: z.array(z.string()) })
const config = z
  .object({
    directories: z.object({ buildResources: z.string() }),
    extraResources: z.array(place),
    protocols: z.array(z.object({ schemes: z.array(z.string()) })),
    linux: z.object({
      icon: z.string(),
      target: z.array(z.string()),
      category: z.string(),
      desktop: z.object({ entry: z.record(z.string(), z.string()) }),
    }),
    deb: packages,
    rpm: packages,
    mac: z.object({ target: z.array(z.string()), icon: z.string() }),
    win: z.object({ target: z.array(z.string()), icon: z.string() }),
    nsis: z.object({ license: z.string() }),
  })
  .parse(parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')))

describe('the configuration of the desktop packages', () => {
  it('names the packages of every system', () => {
    expect(config.linux.target).toEqual(['deb', 'rpm', 'AppImage'])
    expect([...config.mac.target, ...config.win.target]).toEqual(['dmg', 'nsis'])
  })

  it('has an icon in every size that a desktop asks for, and one for macOS and Windows', () => {
    const icons = join(root, config.directories.buildResources, config.linux.icon)
    const sizes = [16, 32, 48, 128, 256, 512]
    expect(readdirSync(icons).sort()).toEqual(sizes.map((size) => `${size}x${size}.png`).sort())
    for (const size of sizes) {
      const png = readFileSync(join(icons, `${size}x${size}.png`))
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size])
    }
    for (const { icon } of [config.mac, config.win])
      expect(existsSync(join(root, config.directories.buildResources, icon))).toBe(true)
  })

  it('brings the licences, the bill of materials and the helpers', () => {
    const brought = config.extraResources.map(({ to }) => to)
    expect(brought).toEqual(
      expect.arrayContaining(['helper', 'sbom.cdx.json', 'third-party-licenses.txt', 'LICENSE']),
    )
    // The others are built: desktop-package.test.ts finds them in the package.
    const kept = config.extraResources.filter(({ from }) => !/^(?:out|resources\/helper)(?:\/|$)/.test(from))
    expect(kept.length).toBeGreaterThan(1)
    expect(kept.filter(({ from }) => !existsSync(join(root, from)))).toEqual([])
    expect(existsSync(join(root, config.nsis.license))).toBe(true)
  })

  it('installs a man page with the deb and the rpm', () => {
    for (const { fpm } of [config.deb, config.rpm]) {
      const [from = '', to = ''] = fpm.find((line) => line.includes('man1'))?.split('=') ?? []
      expect(existsSync(join(root, from))).toBe(true)
      expect(to).toMatch(/^\/usr\/share\/man\/man1\/.*\.1$/)
    }
  })

  it('has a desktop entry that opens links of the app and is found by what people look for', () => {
    expect(config.protocols.flatMap(({ schemes }) => schemes)).toEqual([linkScheme])
    expect(config.linux.category).toBe('System')
    const { Keywords = '', StartupWMClass } = config.linux.desktop.entry
    expect(Keywords.split(';')).toEqual(expect.arrayContaining(['KVM', 'KSM', 'virtualization']))
    expect(StartupWMClass).toBe('singleton-workbench-desktop')
  })
})
