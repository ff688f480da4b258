// A wall clock that a test can step, for one program; all other clocks of it go on.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SteppedClock {
  /** For the program's environment. */
  readonly environment: { readonly LD_PRELOAD: string; readonly CLOCK_STEP_FILE: string }
  /** Ahead of this machine's clock from now on; negative: behind. */
  readonly set: (aheadSeconds: number) => void
  readonly remove: () => void
}

/** Built with the C compiler that the lab needs too. */
export function makeSteppedClock(): SteppedClock {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-clock-'))
  const [library, file] = [join(folder, 'step-clock.so'), join(folder, 'ahead')]
  const source = join(import.meta.dirname, 'step-clock.c')
  execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-Wextra', '-Werror', '-o', library, source])
  const set = (aheadSeconds: number) => {
    const long = Buffer.alloc(8)
    long.writeBigInt64LE(BigInt(aheadSeconds))
    // In place: the program has it mapped.
    const opened = openSync(file, 'r+')
    writeSync(opened, long, 0, 8, 0)
    closeSync(opened)
  }
  writeFileSync(file, Buffer.alloc(8))
  return {
    environment: { LD_PRELOAD: library, CLOCK_STEP_FILE: file },
    set,
    remove: () => rmSync(folder, { recursive: true }),
  }
}
