import { describe, expect, it } from 'vitest'
import { ContentGroups, siteKind } from './content-groups.ts'

const zero = { lower: 1, upper: 1 }

describe('ContentGroups', () => {
  it('counts frames that KSM would free: all but one', () => {
    const groups = new ContentGroups(10, zero)
    const group = groups.groupOf(5, 6)
    groups.addSites(group, siteKind.own, 1, 1)
    expect(groups.freeableFrames(group)).toBe(0)
    groups.addSites(group, siteKind.own, 2, 1)
    groups.addSites(group, siteKind.fixed, 4, 1)
    expect([groups.sites(group), groups.freeableFrames(group)]).toEqual([3, 1])
    groups.addMergedFrame(group)
    groups.addSites(group, siteKind.merged, 1, 1)
    expect([groups.sites(group), groups.freeableFrames(group)]).toEqual([4, 2])
    expect([groups.holders(group), groups.repeaters(group)]).toEqual([7, 1])
  })

  it('remembers what images hold without counting it', () => {
    const groups = new ContentGroups(0, zero)
    const group = groups.groupOf(5, 6)
    groups.addMergedFrame(group)
    groups.markCached(group)
    expect([groups.isCached(group), groups.mergedFrames(group)]).toEqual([true, 1])
  })

  it('does not find the zero page where no guest has one', () => {
    const groups = new ContentGroups(10, zero)
    expect(groups.find(1, 1)).toBe(0)
    groups.addSites(groups.groupOf(1, 1), siteKind.own, 1, 1)
    expect(groups.find(1, 1)).toBe(1)
  })
})
