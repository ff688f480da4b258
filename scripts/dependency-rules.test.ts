// The lint table of biome.json holds the rules of ARCHITECTURE.md: each row here is one import that must (not) pass.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = dirname(import.meta.dirname)
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')

const REFUSED = [
  ['src/shared/x.ts', 'node:fs'],
  ['src/shared/contract/x.ts', '../../main/hosts/host.ts'],
  ['helper/src/x.ts', 'bun:ffi'],
  ['helper/src/x.ts', '../../src/main/ssh/connection.ts'],
  ['src/main/hosts/x.ts', 'electron'],
  ['src/main/serve.ts', 'electron'],
  ['src/main/hosts/x.ts', '../../../helper/src/main.ts'],
  ['src/main/hosts/x.ts', '../workbench.ts'],
  ['src/main/helper-link/x.ts', '../hosts/host.ts'],
  ['src/main/history/x.ts', '../reports/report.ts'],
  ['src/main/ssh/x.ts', '../helper-link/deploy.ts'],
  ['src/renderer/x.tsx', '../main/workbench.ts'],
  ['src/renderer/hosts/x.tsx', 'node:path'],
  ['src/preload/x.ts', '../main/workbench.ts'],
  ['src/main/hosts/x.test.ts', 'electron'],
  ['test/e2e/x.test.ts', 'electron'],
] as const

const ALLOWED = [
  ['src/shared/contract/x.ts', 'zod'],
  ['helper/src/kernel/libc.ts', 'bun:ffi'],
  ['helper/src/x.ts', '../../src/shared/problem.ts'],
  ['src/main/shell/window.ts', 'electron'],
  ['src/main/workbench.ts', './hosts/host.ts'],
  ['src/main/hosts/x.ts', '../helper-link/deploy.ts'],
  ['src/main/helper-link/x.ts', '../ssh/connection.ts'],
  ['src/main/helper-link/x.ts', '../../shared/contract/hosts.ts'],
  ['src/main/history/x.ts', '../../shared/contract/reports.ts'],
  ['src/renderer/hosts/x.tsx', '../../shared/contract/hosts.ts'],
] as const

/** Each row in a file of its own, since most rows share a path. */
function fileOf(row: number, path: string): string {
  return path.replace(/\/x(?=\.)/, `/x${row}`)
}

describe('the dependency rules', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dependency-rules-')))
  let refused = new Set<string>()

  beforeAll(() => {
    copyFileSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'))
    for (const [row, [path, target]] of [...REFUSED, ...ALLOWED].entries()) {
      const file = join(folder, fileOf(row, path))
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `import { something } from '${target}'\nexport const used = something\n`)
    }
    refused = lint(folder)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(REFUSED.map((row, index) => [index, ...row] as const))(
    '%i refuse in %s: %s',
    (row, path, _target) => {
      expect(refused).toContain(fileOf(row, path))
    },
  )
  it.each(ALLOWED.map((row, index) => [REFUSED.length + index, ...row] as const))(
    '%i allow in %s: %s',
    (row, path, _target) => {
      expect(refused).not.toContain(fileOf(row, path))
    },
  )
})

/** Files below the folder in which some import is refused. */
function lint(folder: string): Set<string> {
  const args = [
    'lint',
    '--only=style/noRestrictedImports',
    '--vcs-enabled=false',
    '--reporter=github',
    '--max-diagnostics=none',
  ]
  const { stdout, stderr } = spawnSync(process.execPath, [BIOME, ...args], { cwd: folder, encoding: 'utf8' })
  const files = [...stdout.matchAll(/noRestrictedImports,file=([^,]+),/g)].map(([, file = '']) =>
    relative(folder, file),
  )
  if (files.length === 0) throw new Error(`cannot lint ${folder}: ${stdout}${stderr}`)
  return new Set(files)
}
