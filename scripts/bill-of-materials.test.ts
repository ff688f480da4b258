import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
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

describe('the licences', () => {
  const text = renderLicenses(packages)

  it('name each package, with the text that it brings', () => {
    for (const { name, version, licenseText } of packages) {
      expect(text).toContain(`${name} ${version}: `)
      if (licenseText !== undefined) expect(text).toContain(licenseText)
    }
    expect(packages.filter(({ licenseText }) => licenseText === undefined).length).toBeLessThan(
      packages.length / 10,
    )
  })

  it('are none that forbid to hand the app on', () => {
    const known =
      /^\(?(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0|Unlicense|BlueOak-1\.0\.0)( (OR|AND) (CC0-1\.0|MIT|ISC|Apache-2\.0|BSD-[23]-Clause))*\)?$/
    for (const { name, license } of packages) expect(license, name).toMatch(known)
  })
})
