import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KernelRoot } from '../../kernel/kernel-root.ts'
import { KPF_KSM, KPF_ZERO_PAGE } from '../../kernel/kpageflags.ts'
import { FrameKinds, FrameSet, frameKind } from './frame-kinds.ts'

const FRAMES = 2_000
const PRESENT = 0x8000_0000
const EXCLUSIVE = 0x0100_0000

let proc: string
let root: KernelRoot
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'frame-kinds-'))
  root = { proc, sys: proc }
})
afterEach(() => rmSync(proc, { recursive: true }))

/** Every third frame merged, frame 100 the kernel's zero page. */
const flagsOf = (frame: number) => (frame === 100 ? KPF_ZERO_PAGE : frame % 3 === 0 ? KPF_KSM : 0)

function writeFlags(flags: (frame: number) => number): void {
  const words = Uint32Array.from({ length: FRAMES * 2 }, (_, i) => (i % 2 === 0 ? flags(i / 2) : 0))
  writeFileSync(join(proc, 'kpageflags'), words)
}

/** Page-map entries of pages in these frames. */
function entriesOf(frames: readonly number[], isExclusive: (frame: number) => boolean): Int32Array {
  return new Int32Array(
    frames.flatMap((frame) => [frame, (PRESENT | (isExclusive(frame) ? EXCLUSIVE : 0)) >>> 0]),
  )
}

function kindsOf(entries: Int32Array, ownFrames?: FrameSet) {
  const kinds = new FrameKinds(root, ownFrames)
  try {
    return Array.from({ length: entries.length / 2 }, (_, i) =>
      kinds.kindOfFrame(entries, i, entries.length / 2),
    )
  } finally {
    kinds.close()
  }
}

describe('kinds of frames', () => {
  it.each([
    ['side by side', (i: number) => 90 + i],
    ['with small gaps', (i: number) => 1 + i * 7],
    ['with large gaps', (i: number) => 1 + i * 61],
    ['falling', (i: number) => FRAMES - 1 - i * 5],
    ['in no order', (i: number) => (i * 797) % FRAMES],
  ])('are those that their flags tell, for frames %s', (_name, frameAt) => {
    writeFlags(flagsOf)
    const frames = Array.from({ length: 30 }, (_, i) => frameAt(i))
    const isExclusive = (frame: number) => frame % 4 !== 0
    expect(kindsOf(entriesOf(frames, isExclusive))).toEqual(
      frames.map((frame) => {
        if (frame === 100) return frameKind.kernelZero
        if (frame % 3 === 0) return frameKind.merged
        return isExclusive(frame) ? frameKind.private : frameKind.shared
      }),
    )
  })

  it('need no flags where a frame was one process’s own before and still is', () => {
    const own = new FrameSet()
    const frames = [10, 11, 13]
    writeFlags(() => 0)
    expect(
      kindsOf(
        entriesOf(frames, () => true),
        own,
      ),
    ).toEqual(frames.map(() => frameKind.private))
    writeFlags(() => KPF_KSM)
    expect(
      kindsOf(
        entriesOf(frames, () => true),
        own,
      ),
    ).toEqual(frames.map(() => frameKind.private))
    expect(
      kindsOf(
        entriesOf(frames, () => false),
        own,
      ),
    ).toEqual(frames.map(() => frameKind.merged))
    own.clear()
    expect(
      kindsOf(
        entriesOf(frames, () => true),
        own,
      ),
    ).toEqual(frames.map(() => frameKind.merged))
  })
})
