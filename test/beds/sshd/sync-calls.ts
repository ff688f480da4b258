// Notes the synchronous calls of files and programs that a process makes: each waits for a disk in the middle of a turn.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

type Functions = Record<string, unknown>

const { readFileSync } = fs

/** For who measures: this one is not noted. */
export function readUnnoted(path: string): string {
  return readFileSync(path, 'utf8')
}

/** Until `end`, which tells of each: its name and the first line of ours that called it. */
export function noteSyncCalls(): { end(): string[] } {
  const calls = new Set<string>()
  const undo = [fs, childProcess].map((module) => watchModule(module as unknown as Functions, calls))
  syncBuiltinESMExports()
  return {
    end: () => {
      for (const restore of undo) restore()
      syncBuiltinESMExports()
      return [...calls].sort()
    },
  }
}

function watchModule(module: Functions, calls: Set<string>): () => void {
  const originals = Object.entries(module).filter(
    ([name, value]) => name.endsWith('Sync') && typeof value === 'function',
  )
  for (const [name, original] of originals) {
    module[name] = (...args: unknown[]) => {
      calls.add(`${name} ${callerOf(new Error('seen here'))}`)
      return (original as (...args: unknown[]) => unknown)(...args)
    }
  }
  return () => {
    for (const [name, original] of originals) module[name] = original
  }
}

function callerOf({ stack = '' }: Error): string {
  const [, , ...frames] = stack.split('\n')
  return (frames.find((frame) => frame.includes('/src/')) ?? frames[0] ?? '').trim()
}
