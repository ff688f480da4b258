import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCycloneDxSchema } from '../test/fixtures/cyclonedx/schema.ts'
import { findImports, listShippedPackages, renderCycloneDx, renderLicenses } from './bill-of-materials.ts'

const root = dirname(import.meta.dirname)
const packages = listShippedPackages(root)
const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

describe('the bill of materials', () => {
  const bom = JSON.parse(renderCycloneDx(root, packages))
  const names = new Set(bom.components.map(({ name }: { name: string }) => name))

  it('lists every package that the app needs or imports, and what these need', () => {
    const imported = findImports(root)
    expect(imported).toContain('react')
    expect(imported).toContain('zod')
    for (const name of [...Object.keys(own.dependencies), ...imported]) expect(names, name).toContain(name)
    // Not imported by us: of recharts, of ssh2 and of React.
    for (const name of ['d3-scale', 'asn1', 'scheduler', '@oven/bun-linux-x64', 'electron']) {
      expect(names, name).toContain(name)
    }
  })

  it('leaves out what only builds and tests need', () => {
    for (const name of ['vitest', 'vite', '@biomejs/biome', 'playwright-core', 'typescript']) {
      expect(names, name).not.toContain(name)
    }
  })

  it('gives version, licence and digest of each, and refers to nothing that it does not list', () => {
    const refs = new Set(bom.components.map((one: { 'bom-ref': string }) => one['bom-ref']))
    for (const one of bom.components) {
      expect(one.version, one.name).toMatch(/^\d+\.\d+\.\d+/)
      expect(one.hashes?.[0].content, one.name).toMatch(/^[0-9a-f]{128}$/)
      const [license] = one.licenses
      expect(license.expression ?? license.license.id, one.name).toMatch(/^[A-Za-z0-9.()+ -]+$/)
    }
    for (const { dependsOn } of bom.dependencies)
      for (const ref of dependsOn) expect(refs, ref).toContain(ref)
  })

  it('is the same for the same packages', () => {
    expect(renderCycloneDx(root, listShippedPackages(root))).toBe(renderCycloneDx(root, packages))
  })
})

describe("CycloneDX's own schema", () => {
  const schema = readCycloneDxSchema()
  const bom = () => JSON.parse(renderCycloneDx(root, packages))

  it('takes it', () => {
    expect(schema.safeParse(bom()).error?.issues).toBeUndefined()
  })

  it.each<[string, (bom: Spoiled) => void]>([
    ['a kind of component', ({ components }) => Object.assign(components[0] ?? {}, { type: 'thing' })],
    [
      'a licence',
      ({ components }) => Object.assign(components[0] ?? {}, { licenses: [{ license: { id: 'X' } }] }),
    ],
    ['a digest', ({ components }) => Object.assign(components[0]?.hashes[0] ?? {}, { content: 'zz' })],
    ['a name', ({ components }) => delete components[0]?.name],
    ['a dependency', ({ dependencies }) => Object.assign(dependencies[0] ?? {}, { dependsOn: 1 })],
    ['a serial number', (bom) => Object.assign(bom, { serialNumber: '1' })],
    ['a field of our own', (bom) => Object.assign(bom, { ours: true })],
  ])('refuses %s that is none', (_, spoil) => {
    const spoiled = bom()
    spoil(spoiled)
    expect(schema.safeParse(spoiled).success).toBe(false)
  })
})

interface Spoiled {
  readonly components: { name?: string; hashes: object[] }[]
  readonly dependencies: object[]
}

describe('the licences', () => {
  const text = renderLicenses(packages)

  it('name each package, with the text that it brings', () => {
    for (const { name, version, licenseText } of packages) {
      expect(text).toContain(`${name} ${version}: `)
      if (licenseText !== undefined) expect(text).toContain(licenseText)
    }
    expect(packages.filter(({ licenseText }) => licenseText === undefined)).toEqual([])
  })

  it('say of Bun what is linked into it, and how to link it anew', () => {
    const bun = packages.find(({ name }) => name === '@oven/bun-linux-x64')?.licenseText
    expect(bun).toContain('JavaScriptCore')
    expect(bun).toContain('npm run build:helper')
    expect(bun).toMatch(/GNU LIBRARY GENERAL PUBLIC LICENSE\s+Version 2, June 1991/)
    expect(bun).toMatch(/GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1, February 1999/)
  })

  it('are none that forbid to hand the app on', () => {
    const known =
      /^\(?(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|Unlicense|BlueOak-1\.0\.0)( (OR|AND) (CC0-1\.0|MIT|ISC|Apache-2\.0|BSD-[23]-Clause))*\)?$/
    for (const { name, license } of packages) expect(license, name).toMatch(known)
  })
})
