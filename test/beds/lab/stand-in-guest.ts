// Builds the program that stands in for a guest; see stand-in-guest.c.
import { join } from 'node:path'
import { runOk } from './run.ts'

/** Into a folder, linked statically, so that it runs in any root; returns its path. */
export async function buildStandInGuest(folder: string): Promise<string> {
  const program = join(folder, 'qemu-system-stand-in')
  const source = join(import.meta.dirname, 'stand-in-guest.c')
  await runOk('gcc', ['-O2', '-Wall', '-Werror', '-static', '-o', program, source])
  return program
}
