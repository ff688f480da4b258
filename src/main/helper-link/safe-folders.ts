// Shell functions that tell whether others could change what a path on a host leads to. POSIX, one line each.

/** The first commands of every script: `$me` is the user's number. */
export const prepare = `LC_ALL=C; export LC_ALL; umask 077; me=$(id -u)`

/**
 * `safe DIR`: nobody but us and root can change what a path below DIR leads to; `$real` is then its path without links.
 * Each folder up to / must be ours or root's, and writable by others only with the sticky bit.
 */
export const safe = [
  `safe() { real=$(cd -P "$1" 2>/dev/null && pwd -P) || return 1; p=$real`,
  // One stat for all folders: each program costs a busy host milliseconds.
  `set -- "$p"; while [ "$p" != / ]; do p=\${p%/*}; p=\${p:-/}; set -- "$@" "$p"; done`,
  `all=$(stat -c '%u:%a' "$@") || return 1`,
  `for s in $all; do case $s in 0:*|"$me":*) ;; *) return 1;; esac`,
  `case $s in *:[1357]???) ;; *[2367]?|*[2367]) return 1;; esac`,
  `done; }`,
].join('; ')

/** `own DIR`: a folder of ours, no link, into which nobody else can write. stat looks at a link itself. */
export const own = [
  `own() { case $(stat -c '%F:%u:%a' "$1" 2>/dev/null) in directory:"$me":*[2367]?|directory:"$me":*[2367]) return 1;; directory:"$me":*) ;; *) return 1;; esac; }`,
].join('; ')

/** Runs one after the other, whatever each answers. */
export function joinCommands(commands: readonly string[]): string {
  return commands.join('; ')
}
