// The shell scripts that find, install and remove the helper on a host: POSIX, busybox included, one line each.
import { quoteWord } from '../ssh/host-process.ts'
import { say } from './run-script.ts'

const FOLDER = 'singleton-workbench'
const FILE = 'singleton-helper'

/** Where the helper may live, best first; `$me` is the user's number. */
const PLACES = [`$HOME/.cache/${FOLDER}`, `/var/tmp/${FOLDER}-$me`, `/tmp/${FOLDER}-$me`] as const
export const PLACE_COUNT = PLACES.length

/**
 * `safe DIR`: nobody but us and root can change what a path below DIR leads to. Each folder up to / must be
 * ours or root's, and writable by others only with the sticky bit.
 */
const SAFE = [
  `safe() { p=$(cd -P "$1" 2>/dev/null && pwd -P) || return 1`,
  // One stat for all folders: each program costs a busy host milliseconds.
  `set -- "$p"; while [ "$p" != / ]; do p=\${p%/*}; p=\${p:-/}; set -- "$@" "$p"; done`,
  `all=$(stat -c '%u:%a' "$@") || return 1`,
  `for s in $all; do case $s in 0:*|"$me":*) ;; *) return 1;; esac`,
  `case $s in *:[1357]???) ;; *[2367]?|*[2367]) return 1;; esac`,
  `done; }`,
].join('; ')

const PREPARE = `LC_ALL=C; export LC_ALL; umask 077; me=$(id -u)`

/** Says what kind of machine it is, who we are there, and where a helper of this build already lies. */
export function probeScript(digest: string): string {
  return join([
    PREPARE,
    SAFE,
    say('uid', '$me'),
    say('machine', '$(uname -m)'),
    `if getconf GNU_LIBC_VERSION >/dev/null 2>&1 || ls /lib*/ld-linux-*.so.* /lib/*/ld-linux-*.so.* >/dev/null 2>&1; then ${say('libc', 'glibc')}; elif ls /lib/ld-musl-* >/dev/null 2>&1; then ${say('libc', 'musl')}; fi`,
    `if grep -qw avx2 /proc/cpuinfo; then ${say('avx2', 'yes')}; fi`,
    ...PLACES.map((place) => {
      const file = `"${place}/${digest}/${FILE}"`
      return `if [ -x ${file} ] && [ "$(stat -c '%u:%a' ${file})" = "$me:700" ] && safe "${place}/${digest}"; then ${say('installed', `${place}/${digest}/${FILE}`)}; touch "${place}/${digest}"; fi`
    }),
  ])
}

/** Says `safe=yes` when nobody but us and root can replace the file. */
export function safetyScript(path: string): string {
  const file = quoteWord(path)
  return join([
    PREPARE,
    SAFE,
    `case $(stat -c '%u:%a' ${file}) in *[2367]?|*[2367]) ;; 0:*|"$me":*) if safe "$(dirname ${file})"; then ${say('safe', 'yes')}; fi;; esac`,
  ])
}

export interface InstallStep {
  readonly place: number
  readonly digest: string
  readonly sha256: string
  readonly bytes: number
}

/**
 * Takes the lock, says `ready`, unpacks stdin, checks it and renames it into place. Says `failed=KIND TEXT`
 * (`unsafe`, `noexec`, `space`, `write`, `digest`) or `busy` where it does not come to that.
 */
export function installScript({ place, digest, sha256, bytes }: InstallStep): string {
  const needKiB = Math.ceil(bytes / 1024)
  return join([
    PREPARE,
    SAFE,
    `fail() { printf 'singleton:failed=%s\\n' "$1"; exit 1; }`,
    `base="${PLACES[place]}"; dir="$base/${digest}"; lock="$base/.lock"; tmp="$dir/.new.$$"; try="$dir/.try.$$"`,
    say('place', '$base'),
    `if [ -h "$base" ]; then fail "unsafe it is a symbolic link"; fi`,
    `e=$(mkdir -p "$base" 2>&1 && chmod 700 "$base" 2>&1) || fail "write $e"`,
    `if ! safe "$base"; then fail "unsafe others may write to it or to a folder above it"; fi`,
    takeLock(),
    `e=$(mkdir -p "$dir" 2>&1) || fail "write $e"`,
    `set -- $(df -Pk "$dir" 2>/dev/null | tail -n 1)`,
    `if [ "\${4:-${needKiB}}" -lt ${needKiB} ]; then fail "space $4 KiB are free, ${needKiB} KiB are needed"; fi`,
    // By cat, because a shell's own printf does not tell a full disk from other errors.
    `e=$( { printf '#!/bin/sh\\nexit 0\\n' | cat >"$try"; } 2>&1) || fail "write $e"`,
    `chmod 700 "$try"; if ! "$try" 2>/dev/null; then fail "noexec programs may not be run there"; fi; rm -f "$try"`,
    say('ready', 'yes'),
    `e=$( { gzip -dc >"$tmp"; } 2>&1) || fail "write $e"`,
    `sum=$(sha256sum <"$tmp") || fail "digest sha256sum does not run"`,
    `if [ "\${sum%% *}" != ${sha256} ]; then fail "digest it is \${sum%% *} instead of ${sha256}"; fi`,
    `e=$(chmod 700 "$tmp" 2>&1 && mv -f "$tmp" "$dir/${FILE}" 2>&1) || fail "write $e"`,
    // Versions that nobody used for a month; probing touches the folder.
    `find "$base" -mindepth 1 -maxdepth 1 -type d ! -name ${digest} ! -name .lock -mtime +30 -exec rm -rf {} + 2>/dev/null`,
    say('installed', `$dir/${FILE}`),
  ])
}

/** A lock whose owner is gone, or is of an earlier boot, is taken over. It goes when this shell goes. */
function takeLock(): string {
  const boot = `boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)`
  const isStale = [
    `set -- $(cat "$lock/owner" 2>/dev/null)`,
    `if [ -n "$1" ]; then [ "$2" != "$boot" ] || ! kill -0 "$1" 2>/dev/null; else [ -n "$(find "$lock" -maxdepth 0 -mmin +1)" ]; fi`,
  ].join('; ')
  return join([
    boot,
    `if ! mkdir "$lock" 2>/dev/null; then if ${isStale}; then rm -rf "$lock"; fi; if ! mkdir "$lock" 2>/dev/null; then ${say('busy', 'yes')}; exit 75; fi; fi`,
    `trap 'rm -rf "$lock" "$tmp" "$try"' EXIT`,
    `trap 'exit 1' HUP INT TERM PIPE`,
    `printf '%s %s\\n' $$ "$boot" >"$lock/owner"`,
  ])
}

/** The helper's journal and audit. */
const STATE = '/var/lib/singleton-helper'

/**
 * Removes every version from every place, and nothing else. Says `removed` for each place, or `failed`; `kept` where the
 * helper has left a record; `running` for each helper that has not ended within 3 s.
 */
export function uninstallScript(): string {
  // A kernel keeps 15 characters of a name.
  const helpers = `grep -lx ${FILE.slice(0, 15)} /proc/[0-9]*/comm 2>/dev/null`
  return join([
    PREPARE,
    ...PLACES.map(
      (place) =>
        `if [ -d "${place}" ] && [ ! -h "${place}" ] && [ -O "${place}" ]; then if e=$(rm -rf "${place}" 2>&1); then ${say('removed', place)}; else ${say('failed', '$e')}; fi; fi`,
    ),
    `if [ -d ${STATE} ]; then ${say('kept', STATE)}; fi`,
    // The session that was just ended takes a moment.
    `for n in 1 2 3; do ${helpers} >/dev/null || break; sleep 1; done`,
    `for f in $(${helpers}); do f=\${f%/comm}; ${say('running', `\${f#/proc/}`)}; done`,
  ])
}

function join(commands: readonly string[]): string {
  return commands.join('; ')
}
