import { describe, expect, it } from 'vitest'
import { type Bytes, decodeBytes, nameOfKey, randomKey } from '../../shared/channel/page-key.ts'
import { linkLifetimeMs, PageKeys } from './page-keys.ts'

async function nameOfLink(link: string): Promise<string> {
  return nameOfKey(decodeBytes(link) as Bytes)
}

describe('PageKeys', () => {
  it('admits one page per link, and that page again and again', async () => {
    const keys = new PageKeys(() => 0)
    const link = await nameOfLink(await keys.newLink())
    const [pageKey, otherKey] = [randomKey(), randomKey()]
    expect(keys.find(link)).toBeDefined()
    expect(await keys.admit(link, pageKey)).toBe('new-page')
    expect(keys.find(link)).toBeUndefined()
    expect(await keys.admit(link, otherKey)).toBeUndefined()
    const page = await nameOfKey(pageKey)
    expect(keys.find(page)).toEqual(pageKey)
    expect(await keys.admit(page, otherKey)).toBe('known-page')
    expect(keys.find(await nameOfKey(otherKey))).toBeUndefined()
  })

  it('admits one of two pages that use a link at the same moment', async () => {
    const keys = new PageKeys(() => 0)
    const link = await nameOfLink(await keys.newLink())
    const admitted = await Promise.all([keys.admit(link, randomKey()), keys.admit(link, randomKey())])
    expect(admitted.filter((one) => one === 'new-page')).toHaveLength(1)
  })

  it('forgets a link that nobody opened in time, even during a greeting', async () => {
    let now = 0
    const keys = new PageKeys(() => now)
    const link = await nameOfLink(await keys.newLink())
    now = linkLifetimeMs - 1
    expect(keys.find(link)).toBeDefined()
    now = linkLifetimeMs
    expect(await keys.admit(link, randomKey())).toBeUndefined()
    expect(keys.find(link)).toBeUndefined()
  })

  it('keeps no more than the last links', async () => {
    const keys = new PageKeys(() => 0)
    const first = await nameOfLink(await keys.newLink())
    for (let more = 0; more < 16; more += 1) await keys.newLink()
    expect(keys.find(first)).toBeUndefined()
  })
})
