// The shell script that starts the helper on a host: the very program that was built, and under sudo a copy of it that
// only root can replace.
import { quoteWord } from '../../shared/text/shell-word.ts'
import { joinCommands, own, prepare, safe } from './safe-folders.ts'

export interface Start {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  readonly readOnly: boolean
}

/** The shell's own word for a file that cannot be run: what lies there is then installed anew, once. */
const notThatProgram = 126
/** No place on this host is root's alone: installing anew would not help. */
const noPlaceForRoot = 125

/** Where root keeps its copies. The first is there for the journal and the audit anyway. */
export const rootPlaces = [
  '/var/lib/singleton-helper',
  '/root/.singleton-helper',
  '/usr/local/lib/singleton-helper',
]

/** `sudo` completes to the command line that runs a program as root; absent: as the login. */
export function startScript(start: Start, sudo: string | undefined): string {
  if (sudo === undefined) {
    const run = `exec ${cleanEnvironment('HOME="$HOME"')} "$at" ${arguments_(start)}`
    return joinCommands([`at=${quoteWord(start.path)}`, checkDigest('$at', start.sha256), run])
  }
  const environment = cleanEnvironment('HOME=/root SUDO_USER="$(id -un)"')
  return `exec ${sudo} ${environment} sh -c ${quoteWord(rootScript(start))}`
}

function arguments_({ readOnly }: Start): string {
  return `serve${readOnly ? ' --read-only' : ''}`
}

/** Built from nothing: `BUN_*` variables would change what the helper is. The login behind sudo is named for the audit. */
function cleanEnvironment(owner: string): string {
  const kept = ['SSH_CONNECTION', 'SINGLETON_STATE_DIR', 'SINGLETON_RUN_DIR']
    .map((name) => `\${${name}:+${name}="$${name}"}`)
    .join(' ')
  return `env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 ${owner} ${kept}`
}

/** Before every start: what lay there yesterday may have been changed since. */
function checkDigest(path: string, sha256: string): string {
  return joinCommands([
    `sum=$(sha256sum <"${path}") || exit ${notThatProgram}`,
    `if [ "\${sum%% *}" != ${sha256} ]; then echo "the helper at ${path} is not what was built" >&2; exit ${notThatProgram}; fi`,
  ])
}

/**
 * Runs as root. The login's file is only read: its content is checked in the copy, which the login cannot reach, so that
 * later changes of the file do not matter.
 */
function rootScript(start: Start): string {
  const copy = joinCommands([
    `tmp=".new.$$"; trap 'rm -f "$tmp"' EXIT`,
    `head -c ${start.bytes + 1} <${quoteWord(start.path)} >"$tmp" || exit ${noPlaceForRoot}`,
    checkDigest('$tmp', start.sha256),
    `chmod 700 "$tmp" && mv -f "$tmp" "$at" || exit ${noPlaceForRoot}`,
    `trap - EXIT`,
  ])
  return joinCommands([
    prepare,
    safe,
    own,
    // Each is one folder in another that is root's alone: no path of several parts is made.
    `enter() { cd "$1" && { mkdir -m 700 "$2" 2>/dev/null || own "$2"; } && cd -P "$2" && own . && safe .; } 2>/dev/null`,
    // A file system from which nothing may be run is of no use.
    `runs() { printf '#!/bin/sh\\nexit 0\\n' >.try.$$ && chmod 700 .try.$$ && ./.try.$$; } 2>/dev/null`,
    `at=`,
    `for base in ${rootPlaces.join(' ')}; do if enter "\${base%/*}" "\${base##*/}" && enter . versions && enter . ${start.sha256} && runs; then at=singleton-helper; fi; rm -f .try.$$; if [ -n "$at" ]; then break; fi; done`,
    `if [ -z "$at" ]; then echo "root has no folder of its own from which programs may be run (${rootPlaces.join(', ')})" >&2; exit ${noPlaceForRoot}; fi`,
    `if [ -h "$at" ] || [ "$(sha256sum <"$at" 2>/dev/null)" != "${start.sha256}  -" ]; then ${copy}; fi`,
    // Copies that nobody used for a month.
    `touch .; find .. -mindepth 1 -maxdepth 1 -type d ! -name ${start.sha256} -mtime +30 -exec rm -rf {} + 2>/dev/null`,
    `exec "$PWD/$at" ${arguments_(start)}`,
  ])
}

/** Run as root: removes root's copies, and nothing of the journal and the audit. Says each folder that it removed. */
export function removeCopiesScript(): string {
  return joinCommands([
    prepare,
    own,
    ...rootPlaces.map(
      (base) =>
        `if own ${base} && own ${base}/versions; then rm -rf ${base}/versions && printf 'singleton:removed=%s\\n' ${base}/versions; rmdir ${base} 2>/dev/null; fi`,
    ),
  ])
}
