// Whether the kernel lets us open or write one of its files, found by trying: open(2), access(2).
import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { errnoOf } from './system-error.ts'

/** Whether this process may open a file for reading now. False also where it is absent. */
export function mayRead(path: string): boolean {
  return succeeds(() => closeSync(openSync(path, 'r')))
}

/** By permissions alone: nothing is opened. */
export function mayWrite(path: string): boolean {
  return succeeds(() => accessSync(path, constants.W_OK))
}

function succeeds(attempt: () => void): boolean {
  try {
    attempt()
    return true
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return false
  }
}
