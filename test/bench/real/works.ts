// What guests do in the suite of Debian guests: programs that people run, each telling how much it got done.

export interface WorkResult {
  /** Transactions, MiB or files, whichever the work counts. */
  readonly done: number
  /** Of a transaction. Absent: the work has none. */
  readonly p95Ms?: number
}

export interface Work {
  readonly unit: string
  /** Shell command of root of a guest that ends after so many seconds. */
  readonly command: (seconds: number) => string
  readonly parse: (stdout: string) => WorkResult
}

const tree = '/srv/tree'
const MiB = 2 ** 20

/** Latencies go to memory: a log on the disk would be work of its own. */
function pgbench(script: string): Work {
  const log = '/dev/shm/pgbench'
  return {
    unit: 'transactions',
    command: (seconds) =>
      `rm -f ${log}*; cd /dev/shm; su postgres -c "pgbench ${script} -n -c 2 -T ${seconds} -l --log-prefix=${log} bench" ` +
      `>/dev/null 2>&1; cat ${log}.* | awk '{print $3}' | sort -n | ` +
      "awk '{a[NR]=$1} END {print NR, a[int(NR*0.95)]}'",
    parse(stdout) {
      const [done = Number.NaN, micros = Number.NaN] = stdout.trim().split(' ').map(Number)
      return { done, p95Ms: micros / 1000 }
    },
  }
}

/** Again and again until the time is up; what it wrote is counted by `count`. */
function repeated(unit: string, once: string, count: string, scale = 1): Work {
  return {
    unit,
    command: (seconds) => `timeout ${seconds} sh -c 'while :; do ${once}; done' 2>/dev/null | ${count}`,
    parse: (stdout) => ({ done: Number(stdout.trim()) / scale }),
  }
}

export const works = {
  select: pgbench('-S'),
  write: pgbench('-N'),
  // tar does not read files when it writes to /dev/null.
  tar: repeated('MiB', `tar cf - ${tree}`, 'wc -c', MiB),
  grep: repeated(
    'files',
    `find ${tree} -type f -print0 | xargs -0 -n 40 sh -c "grep -l nowhere \\"\\$@\\"; seq 40" grep`,
    'wc -l',
  ),
  compile: repeated(
    'files',
    `for file in $(find ${tree} -name "*.c"); do gcc -c -O1 -o /dev/null $file; echo done; done`,
    'wc -l',
  ),
  backup: repeated('MiB', 'cat /dev/vda', 'wc -c', MiB),
} satisfies Record<string, Work>

export type WorkName = keyof typeof works
