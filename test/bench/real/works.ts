// What guests do in the suite of Debian guests: programs that people run, each telling how much it got done.
import type { LabGuest } from '../../beds/lab/lab.ts'
import { REAL_GUEST_READY } from '../../beds/lab/real-guest.ts'
import { reboot } from '../suite/reboot.ts'

export interface WorkResult {
  /** Transactions, MiB or files, whichever the work counts. */
  readonly done: number
  /** Of a transaction. Absent: the work has none. */
  readonly p95Ms?: number
}

export interface Work {
  readonly unit: string
  /** Ends after so many seconds, or somewhat later. */
  readonly perform: (guest: LabGuest, seconds: number) => Promise<WorkResult>
}

/** A shell command of root of a guest, and what it says in the end. */
function shellWork(
  unit: string,
  command: (seconds: number) => string,
  parse: (stdout: string) => WorkResult,
): Work {
  return {
    unit,
    perform: async (guest, seconds) => parse(await guest.command(command(seconds), (seconds + 60) * 1000)),
  }
}

const tree = '/srv/tree'
const MiB = 2 ** 20

/** Latencies go to memory: a log on the disk would be work of its own. */
function pgbench(script: string): Work {
  const log = '/dev/shm/pgbench'
  return shellWork(
    'transactions',
    (seconds) =>
      `rm -f ${log}*; cd /dev/shm; su postgres -c "pgbench ${script} -n -c 2 -T ${seconds} -l --log-prefix=${log} bench" ` +
      `>/dev/null 2>&1; cat ${log}.* | awk '{print $3}' | sort -n | ` +
      "awk '{a[NR]=$1} END {print NR, a[int(NR*0.95)]}'",
    (stdout) => {
      const [done = Number.NaN, micros = Number.NaN] = stdout.trim().split(' ').map(Number)
      return { done, p95Ms: micros / 1000 }
    },
  )
}

/** Again and again until the time is up; what it wrote is counted by `count`. */
function repeated(unit: string, once: string, count: string, scale = 1): Work {
  return shellWork(
    unit,
    (seconds) => `timeout ${seconds} sh -c 'while :; do ${once}; done' 2>/dev/null | ${count}`,
    (stdout) => ({ done: Number(stdout.trim()) / scale }),
  )
}

/** One boot, however long it takes: as many as the time had room for. */
const boot: Work = {
  unit: 'boots',
  perform: async (guest, seconds) => ({ done: seconds / (await reboot(guest, REAL_GUEST_READY)) }),
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
  boot,
} satisfies Record<string, Work>

export type WorkName = keyof typeof works
