import { describe, expect, it } from 'vitest'
import { parseVmEvents } from './vmstat.ts'

describe('parseVmEvents', () => {
  it.each([
    [
      '6.18',
      'thp_split_page 84690\nthp_split_page_failed 621\nksm_swpin_copy 0\ncow_ksm 8912339\n',
      {
        mergeBreaks: 8_912_339,
        hugePageSplits: 84_690,
      },
    ],
    ['before 5.19', 'thp_split_page 7\nthp_split_page_failed 2\n', { hugePageSplits: 7 }],
    ['without huge pages', 'cow_ksm 0\n', { mergeBreaks: 0 }],
    ['nothing', '', {}],
  ])('%s', (_, text, events) => {
    expect(parseVmEvents(text)).toEqual(events)
  })
})
