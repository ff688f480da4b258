import { describe, expect, it } from 'vitest'
import { parseKsmStat } from './ksm-stat.ts'

describe('parseKsmStat', () => {
  it.each([
    ['no kernel yet', 'ksm_something_else 12\n', {}],
    ['Linux 6.0', 'ksm_rmap_items 12\n', { rmapItems: 12 }],
    [
      'Linux 6.1',
      'ksm_rmap_items 76\nzero_pages_sharing 0\nksm_merging_pages 70\nksm_process_profit -4864\n',
      { rmapItems: 76, mergingPages: 70, processProfitBytes: -4864 },
    ],
    [
      'Linux 6.18',
      'ksm_rmap_items 36698\nksm_zero_pages 78\nksm_merging_pages 27867\nksm_process_profit 112114048\nksm_merge_any: no\n',
      { rmapItems: 36698, zeroPages: 78, mergingPages: 27867, processProfitBytes: 112114048 },
    ],
    ['a kernel that tells what is offered', 'ksm_merge_any: no\nksm_mergeable: yes\n', { mergeable: true }],
    ['a process that offers nothing', 'ksm_merge_any: no\nksm_mergeable: no\n', { mergeable: false }],
  ])('reads that of %s', (_kernel, text, expected) => {
    expect(parseKsmStat(text)).toEqual(expected)
  })
})
