import { describe, expect, it } from 'vitest'
import { parseMeminfo } from './meminfo.ts'

const text = `MemTotal:       24683620 kB
MemFree:        20000000 kB
MemAvailable:   23399784 kB
Cached:           540000 kB
SwapCached:            0 kB
AnonPages:        600000 kB
SwapTotal:             0 kB
SwapFree:              0 kB
Dirty:               128 kB
`

describe('parseMeminfo', () => {
  it('reads bytes', () => {
    expect(parseMeminfo(text)).toMatchObject({ memTotalBytes: 24683620 * 1024, cachedBytes: 540000 * 1024 })
  })

  it('says which line is missing', () => {
    expect(() => parseMeminfo(text.replace('MemAvailable', 'Other'))).toThrow('MemAvailable')
  })

  it('takes what a kernel does not report for absent', () => {
    expect(parseMeminfo(text)).not.toHaveProperty('committedBytes')
    const more = parseMeminfo(`${text}CommitLimit:      9000 kB\nCommitted_AS:     5000 kB\n`)
    expect(more).toMatchObject({ commitLimitBytes: 9000 * 1024, committedBytes: 5000 * 1024 })
  })
})
