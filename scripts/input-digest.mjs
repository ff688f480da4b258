// A digest of source files, so that a build is skipped while its inputs are the same.
// Contents, not modification times: a fresh clone and a switched branch give the right answer.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/**
 * sha256 in hex over names and contents of all files below the given paths (tests left out).
 * A path that does not exist counts as empty.
 * @param {string} root
 * @param {readonly string[]} paths files or folders, relative to root
 * @param {readonly string[]} [salt] further words the result depends on
 */
export function digestInputs(root, paths, salt = []) {
  const hash = createHash('sha256')
  for (const word of salt) hash.update(`${word}\0`)
  for (const file of paths.flatMap((path) => listFiles(join(root, path))).sort()) {
    hash.update(`${relative(root, file)}\0`)
    hash.update(createHash('sha256').update(readFileSync(file)).digest())
  }
  return hash.digest('hex')
}

/** @param {string} path @returns {string[]} */
function listFiles(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}
