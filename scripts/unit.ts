// `npm run unit -- [NAME…] [--watch]`: unit tests alone, without any Debian package; again at each change with --watch.
import { dirname, join } from 'node:path'
import { runForeground } from './child-process.mjs'

const root = dirname(import.meta.dirname)
const args = process.argv.slice(2)
const names = args.filter((arg) => arg !== '--watch')
const unknown = names.filter((name) => name.startsWith('-'))
if (unknown.length > 0) {
  console.error(`cannot run unit tests: unknown option ${unknown.join(' ')}; there is --watch`)
  process.exitCode = 2
} else {
  const mode = args.includes('--watch') ? 'watch' : 'run'
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  process.exitCode = await runForeground(process.execPath, [vitest, mode, '--project', 'unit', ...names], {
    cwd: root,
  })
}
