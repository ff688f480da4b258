import { describe, expect, it } from 'vitest'
import { absentPage, SampledGuest } from './sampled-guest.ts'

const addresses = Array.from({ length: 100 }, (_, page) => 4096 * (page + 16))
const hashes = (changed: (page: number) => number | undefined = () => undefined) =>
  new Map(addresses.map((address, page) => [address, changed(page) ?? page + 1]))
const sample = () => new SampledGuest('1', addresses, hashes(), true)

describe('a sampled guest', () => {
  it('has not turned over while little changes', () => {
    expect(sample().follow(hashes())).toBe(false)
    expect(sample().follow(hashes((page) => (page > 86 ? 0 : undefined)))).toBe(false)
  })

  it('has turned over when much has changed or gone', () => {
    expect(sample().follow(hashes((page) => (page > 84 ? 0 : undefined)))).toBe(true)
    expect(sample().follow(hashes((page) => (page > 84 ? absentPage : undefined)))).toBe(true)
  })

  it('leaves out what could not be read', () => {
    expect(sample().follow(new Map([...hashes()].slice(0, 3)))).toBe(false)
    expect(sample().follow(new Map())).toBe(false)
  })

  it('was reset when the first page changes after it was quiet, and says so once', () => {
    const guest = sample()
    for (let look = 0; look < 3; look += 1) expect(guest.follow(hashes())).toBe(false)
    const reset = hashes((page) => (page === 0 ? 999 : undefined))
    expect(guest.follow(reset)).toBe(true)
    expect(guest.follow(reset)).toBe(false)
  })

  it('was not reset when the first page changes all the time, or when the sample does not begin with RAM', () => {
    const guest = sample()
    for (let look = 0; look < 6; look += 1)
      expect(guest.follow(hashes((page) => (page === 0 ? 1000 + look : undefined)))).toBe(false)
    const other = new SampledGuest('1', addresses, hashes(), false)
    for (let look = 0; look < 4; look += 1) other.follow(hashes())
    expect(other.follow(hashes((page) => (page === 0 ? 999 : undefined)))).toBe(false)
  })
})
