// The shell scripts that find, install and remove the helper on a host: POSIX, busybox included, one line each.
import { quoteWord } from '../../shared/text/shell-word.ts'
import { say } from './run-script.ts'
import { joinCommands, own, prepare, safe } from './safe-folders.ts'
import { removeCopiesScript, rootPlaces } from './start-script.ts'

const folder = 'singleton-workbench'
const file = 'singleton-helper'

interface Place {
  /** Has to be there, and to be safe, or made by us inside a safe one. */
  readonly parent: string
  readonly name: string
}

/** Where the helper may live, best first; `$me` is the user's number. */
const places: readonly Place[] = [
  { parent: '$HOME/.cache', name: folder },
  { parent: '/var/tmp', name: `${folder}-$me` },
  { parent: '/tmp', name: `${folder}-$me` },
]
export const placeCount = places.length

const pathOf = ({ parent, name }: Place) => `${parent}/${name}`

/** Says what kind of machine it is, who we are there, and where a helper of this build already lies. */
export function probeScript(digest: string): string {
  return joinCommands([
    prepare,
    safe,
    own,
    say('uid', '$me'),
    say('machine', '$(uname -m)'),
    `if getconf GNU_LIBC_VERSION >/dev/null 2>&1 || ls /lib*/ld-linux-*.so.* /lib/*/ld-linux-*.so.* >/dev/null 2>&1; then ${say('libc', 'glibc')}; elif ls /lib/ld-musl-* >/dev/null 2>&1; then ${say('libc', 'musl')}; fi`,
    `if grep -qw avx2 /proc/cpuinfo; then ${say('avx2', 'yes')}; fi`,
    ...places.map((place) => {
      const at = `${pathOf(place)}/${digest}`
      // By its real path: a link on the way may lead elsewhere by the time it is started.
      return `if own "${at}" && safe "${at}" && [ ! -h "$real/${file}" ] && [ "$(stat -c '%u:%a' "$real/${file}" 2>/dev/null)" = "$me:700" ]; then ${say('installed', `$real/${file}`)}; touch "$real"; fi`
    }),
  ])
}

/** Says `safe=yes` when nobody but us and root can replace the file. */
export function safetyScript(path: string): string {
  const quoted = quoteWord(path)
  return joinCommands([
    prepare,
    safe,
    `case $(stat -c '%u:%a' ${quoted}) in *[2367]?|*[2367]) ;; 0:*|"$me":*) if safe "$(dirname ${quoted})"; then ${say('safe', 'yes')}; fi;; esac`,
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
  const { parent, name } = places[place] ?? places[0] ?? { parent: '/tmp', name: folder }
  return joinCommands([
    prepare,
    safe,
    own,
    `fail() { printf 'singleton:failed=%s\\n' "$1"; exit 1; }`,
    say('place', `${parent}/${name}`),
    enterPlace(parent, name),
    // From here on by names in this folder, which nobody but us can write to.
    `dir=${digest}; lock=.lock; tmp="$dir/.new.$$"; try="$dir/.try.$$"`,
    takeLock(),
    // One that others could write to may hold anything.
    `if [ -e "$dir" ] || [ -h "$dir" ]; then own "$dir" || rm -rf "$dir"; fi`,
    `own "$dir" || e=$(mkdir -m 700 "$dir" 2>&1) || fail "write $e"`,
    `set -- $(df -Pk "$dir" 2>/dev/null | tail -n 1)`,
    `if [ "\${4:-${needKiB}}" -lt ${needKiB} ]; then fail "space $4 KiB are free, ${needKiB} KiB are needed"; fi`,
    // By cat, because a shell's own printf does not tell a full disk from other errors.
    `e=$( { printf '#!/bin/sh\\nexit 0\\n' | cat >"$try"; } 2>&1) || fail "write $e"`,
    `chmod 700 "$try"; if ! "$try" 2>/dev/null; then fail "noexec programs may not be run there"; fi; rm -f "$try"`,
    say('ready', 'yes'),
    `e=$( { gzip -dc >"$tmp"; } 2>&1) || fail "write $e"`,
    `sum=$(sha256sum <"$tmp") || fail "digest sha256sum does not run"`,
    `if [ "\${sum%% *}" != ${sha256} ]; then fail "digest it is \${sum%% *} instead of ${sha256}"; fi`,
    `e=$(chmod 700 "$tmp" 2>&1 && mv -f "$tmp" "$dir/${file}" 2>&1) || fail "write $e"`,
    // Versions that nobody used for a month; probing touches the folder.
    `find . -mindepth 1 -maxdepth 1 -type d ! -name ${digest} ! -name .lock -mtime +30 -exec rm -rf {} + 2>/dev/null`,
    say('installed', `$real/$dir/${file}`),
  ])
}

/**
 * Makes our folder where it is missing, and goes into it. A plain mkdir fails on whatever is there, also on a link that
 * another user put there a moment ago, and nothing that is there is changed.
 */
function enterPlace(parent: string, name: string): string {
  const above = parent.slice(0, parent.lastIndexOf('/')) || '/'
  return joinCommands([
    `if [ ! -d "${parent}" ]; then safe "${above}" || fail "unsafe others may write to ${above} or a folder above it"; e=$(mkdir -m 700 "${parent}" 2>&1) || fail "write $e"; fi`,
    `safe "${parent}" || fail "unsafe others may write to ${parent} or a folder above it"`,
    `cd "$real" || fail "write it cannot be entered"`,
    `e=$(mkdir -m 700 "${name}" 2>&1) || { [ -e "${name}" ] || [ -h "${name}" ] || fail "write $e"; own "${name}" || fail "unsafe it is a link, belongs to another user, or others may write to it"; }`,
    `cd -P "${name}" || fail "write it cannot be entered"`,
    // What was entered, whatever stands at its name by now.
    `own . && safe . || fail "unsafe others may write to it or to a folder above it"`,
  ])
}

/** A lock whose owner is gone, or is of an earlier boot, is taken over. It goes when this shell goes. */
function takeLock(): string {
  const boot = `boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)`
  const isStale = [
    `set -- $(cat "$lock/owner" 2>/dev/null)`,
    `if [ -n "$1" ]; then [ "$2" != "$boot" ] || ! kill -0 "$1" 2>/dev/null; else [ -n "$(find "$lock" -maxdepth 0 -mmin +1)" ]; fi`,
  ].join('; ')
  return joinCommands([
    boot,
    `if ! mkdir "$lock" 2>/dev/null; then if ${isStale}; then rm -rf "$lock"; fi; if ! mkdir "$lock" 2>/dev/null; then ${say('busy', 'yes')}; exit 75; fi; fi`,
    `trap 'rm -rf "$lock" "$tmp" "$try"' EXIT`,
    `trap 'exit 1' HUP INT TERM PIPE`,
    `printf '%s %s\\n' $$ "$boot" >"$lock/owner"`,
  ])
}

/** The unit of the resident service: it runs a program of its own, which removing our folders would not end. */
const serviceUnit = '/etc/systemd/system/singleton-helper.service'
/** The helper's journal and audit. */
const stateFolder = '/var/lib/singleton-helper'

/**
 * Says `service` and removes nothing where the resident service is installed.
 * Else removes every version from every place, and nothing else. Says `removed` for each place, or `failed`; `kept` where the
 * helper has left a record; `unreached` where root's copies may be and sudo wants a password; `running` for each helper that has not ended within 3 s.
 */
export function uninstallScript(): string {
  const removeCopies = removeCopiesScript()
  // A kernel keeps 15 characters of a name.
  const helpers = `grep -lx ${file.slice(0, 15)} /proc/[0-9]*/comm 2>/dev/null`
  return joinCommands([
    prepare,
    `if [ -e ${serviceUnit} ]; then ${say('service', serviceUnit)}; exit 0; fi`,
    ...places
      .map(pathOf)
      .map(
        (place) =>
          `if [ -d "${place}" ] && [ ! -h "${place}" ] && [ -O "${place}" ]; then if e=$(rm -rf "${place}" 2>&1); then ${say('removed', place)}; else ${say('failed', '$e')}; fi; fi`,
      ),
    // Root's copies, which are there where the login became root by sudo.
    `if [ "$me" = 0 ]; then ${removeCopies}; elif sudo -n true 2>/dev/null; then sudo -n sh -c ${quoteWord(removeCopiesScript())}; elif command -v sudo >/dev/null 2>&1; then for f in ${rootPlaces.join(' ')}; do if [ -d $f ]; then ${say('unreached', '$f/versions')}; fi; done; fi`,
    `if [ -d ${stateFolder} ]; then ${say('kept', stateFolder)}; fi`,
    // The session that was just ended takes a moment.
    `for n in 1 2 3; do ${helpers} >/dev/null || break; sleep 1; done`,
    `for f in $(${helpers}); do f=\${f%/comm}; ${say('running', `\${f#/proc/}`)}; done`,
  ])
}
