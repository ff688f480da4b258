// The result of uninstalling the helper: the same on the command line, on screens and in the audit.
import type { Uninstalled } from '../contract/hosts.ts'
import { quoteWord } from './shell-word.ts'
import { ownLines } from './terminal.ts'

/** One line: what was removed, what stays, and what to do about the rest. Pure. */
export function describeUninstalled({ removed, kept, unreached, running }: Uninstalled): string {
  const parts = [
    removed.length === 0 ? 'it was not installed' : `removed ${removed.join(', ')}`,
    ...(kept.length === 0 ? [] : [`kept ${kept.join(', ')}`]),
    ...(unreached.length === 0
      ? []
      : [
          `sudo needs a password to look for root's copies: sudo rm -r ${unreached.map(quoteWord).join(' ')}`,
        ]),
    ...(running.length === 0 ? [] : [`still running: process ${running.join(', ')}`]),
  ]
  return ownLines([parts.join('; ')])
}
