import { describe, expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import type { KsmStatus, Sample } from '../../shared/contract/index.ts'
import { marksBetween } from './host-marks.ts'

const guest = (pid: number, name: string) => ({ pid, name, rssBytes: 1 })
const ksm = (run: number, burst?: KsmStatus['burst']): KsmStatus => ({
  settings: { run, pagesToScan: 100, sleepMillisecs: 20 },
  counters: { pagesShared: 0, pagesSharing: 0, pagesUnshared: 0, pagesVolatile: 0, fullScans: 0 },
  mergedBytes: 0,
  governors: [],
  ...(burst && { burst }),
})
const texts = (before: Partial<Sample> | undefined, after: Partial<Sample>) =>
  marksBetween(before && fakeSample(before), fakeSample({ ...after, arrivedAt: 7 })).map(
    ({ at, kind, text }) => [at, kind, text],
  )

describe('marks of a host', () => {
  it('tell guests that started and ended, by process: a restart is both', () => {
    expect(
      texts({ guests: [guest(1, 'web'), guest(2, 'db')] }, { guests: [guest(2, 'db'), guest(3, 'web')] }),
    ).toEqual([
      [7, 'guest', 'web ended'],
      [7, 'guest', 'web started'],
    ])
  })

  it('tell together what befell many guests at once, and few governors of a host that names many', () => {
    const many = Array.from({ length: 1024 }, (_, index) => guest(index + 1, `${'x'.repeat(500)} ${index}`))
    const marks = texts({ guests: [] }, { guests: many })
    expect(marks).toHaveLength(1)
    expect(marks[0]?.[2]).toMatch(/^1024 guests started: x{64}, .* and 1020 more$/)
    expect(texts({ guests: many }, { guests: [guest(2000, 'web')] }).map(([, , text]) => text)).toEqual([
      expect.stringMatching(/^1024 guests ended: /),
      'web started',
    ])
    const governors = Array.from({ length: 64 }, (_, index) => `program ${index}`)
    expect(texts({ ksm: ksm(1) }, { ksm: { ...ksm(1), governors } })).toHaveLength(8)
  })

  it('tell nothing of the first sample, and nothing where nothing changed', () => {
    expect(texts(undefined, { guests: [guest(1, 'web')] })).toEqual([])
    expect(texts({ ksm: ksm(1) }, { ksm: ksm(1) })).toEqual([])
    expect(texts({ ksm: ksm(1) }, {})).toEqual([])
  })

  it('tell which other program begins and ends to govern KSM', () => {
    const governed = { ...ksm(1), governors: ['ksmtuned'] }
    expect(texts({ ksm: ksm(1) }, { ksm: governed })).toEqual([[7, 'burst', 'ksmtuned governs KSM']])
    expect(texts({ ksm: governed }, { ksm: ksm(1) })).toEqual([
      [7, 'burst', 'ksmtuned no longer governs KSM'],
    ])
  })

  it('tell when KSM begins and ends to scan, and each state of a burst', () => {
    expect(texts({ ksm: ksm(0) }, { ksm: ksm(1) })).toEqual([[7, 'burst', 'KSM scans']])
    expect(texts({ ksm: ksm(1) }, { ksm: ksm(0) })).toEqual([[7, 'burst', 'KSM has stopped scanning']])
    const burst = { since: 1, state: 'running', wholePasses: 0 } as const
    expect(texts({ ksm: ksm(0) }, { ksm: ksm(1, burst) })).toEqual([
      [7, 'burst', expect.stringMatching(/^KSM: burst running/)],
    ])
    expect(texts({ ksm: ksm(1, burst) }, { ksm: ksm(1, burst) })).toEqual([])
    expect(texts({ ksm: ksm(1, burst) }, { ksm: ksm(0, { ...burst, state: 'realised' }) })).toHaveLength(1)
  })
})
