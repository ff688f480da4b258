// Reads of what belongs to another process's memory, which that process can keep from ever returning: it serves its own
// pages (FUSE, userfaultfd), or keeps the lock of its memory map. Then nothing in the reading thread runs any more, so
// another one watches it, by the id that /proc/thread-self gives to it; see helper/src/held.
import { readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type KernelRoot, liveKernel } from './kernel-root.ts'

/** Threads that read: the main one, and the one that hashes pages beside it. */
export const readingThreads = { main: 0, pages: 1 } as const

const wordsOfThread = 4
const threadCount = 2
const [turnWord, pidWord, threadWord] = [0, 1, 2]

/** What the reading threads tell the one that watches them. */
export class ReadingState {
  readonly memory: SharedArrayBuffer
  readonly #words: Int32Array

  constructor(memory = new SharedArrayBuffer(threadCount * wordsOfThread * 4)) {
    this.memory = memory
    this.#words = new Int32Array(memory)
  }

  /** Of one thread; `turn` is odd while it reads from process `pid`, and never the same again. */
  readTurn(thread: number): { readonly turn: number; readonly pid: number; readonly threadId: number } {
    const at = thread * wordsOfThread
    const word = (which: number) => Atomics.load(this.#words, at + which)
    return { turn: word(turnWord), pid: word(pidWord), threadId: word(threadWord) }
  }

  wordsOf(thread: number): Int32Array {
    return this.#words.subarray(thread * wordsOfThread, (thread + 1) * wordsOfThread)
  }
}

let own: Int32Array | undefined
let startWatch: (() => BegunWatch) | undefined
let begun: BegunWatch | undefined

export interface BegunWatch {
  readonly state: ReadingState
  /** Resolves once the watching thread runs, or after a while. */
  readonly started: Promise<void>
}

/** `start` begins the watch; it is called before the first read of the main thread. */
export function watchReads(start: () => BegunWatch): void {
  startWatch = start
}

/** Begins the watch, where there is to be one: what starting its thread took of the program file may be dropped then. */
export async function watchStarted(): Promise<void> {
  beginWatch()
  await begun?.started
}

/** The calling thread's reads are told there from now on. */
export function tellReads(state: ReadingState, thread: number, root: KernelRoot = liveKernel): void {
  own = state.wordsOf(thread)
  own[threadWord] = readThreadId(root)
}

let ownPid: number | undefined

/**
 * Runs a read of a process's memory or memory map, or a change of it; nothing in it may wait for an event. No other process
 * can hold up what the helper reads of itself: that is not watched, and a helper that only probes starts no thread.
 */
export function watchedRead<T>(pid: number, read: () => T): T {
  if (isOwn(pid)) return read()
  const words = own ?? beginWatch()
  if (words === undefined) return read()
  words[pidWord] = pid
  Atomics.add(words, turnWord, 1)
  try {
    return read()
  } finally {
    Atomics.add(words, turnWord, 1)
  }
}

/** By the numbers of /proc, which may be another PID namespace's. */
function isOwn(pid: number): boolean {
  ownPid ??= readOwnPid()
  return pid === ownPid
}

function readOwnPid(): number {
  try {
    return Number(readlinkSync(join(liveKernel.proc, 'self')))
  } catch {
    return Number.NaN
  }
}

/** For another reading thread of this process; undefined: nobody watches. */
export function sharedReadingState(): SharedArrayBuffer | undefined {
  beginWatch()
  return own?.buffer as SharedArrayBuffer | undefined
}

function beginWatch(): Int32Array | undefined {
  if (own === undefined && startWatch !== undefined) {
    begun = startWatch()
    tellReads(begun.state, readingThreads.main)
  }
  return own
}

/** 0 where /proc is another PID namespace's. */
function readThreadId(root: KernelRoot): number {
  try {
    return Number(basename(readlinkSync(join(root.proc, 'thread-self'))))
  } catch {
    return 0
  }
}
