import { expect, it } from 'vitest'
import { parseProcessStat } from './process-stat.ts'

const behind = 'S 2 0 0 0 -1 2129984 0 0 0 0 120 380 0 0 25 5 1 0 68 0 0'

it.each([
  [`77 (ksmd) ${behind}\n`, { state: 'S', cpuSeconds: 5, startTime: '68', isKernelThread: true }],
  [`9 (a b) c) ${behind}`, { state: 'S', cpuSeconds: 5, startTime: '68', isKernelThread: true }],
  [
    `9 (ksmd) ${behind.replace('2129984', '4194304')}`,
    { state: 'S', cpuSeconds: 5, startTime: '68', isKernelThread: false },
  ],
  ['77 (ksmd) S 2 0', undefined],
  ['', undefined],
])('parses %j', (text, stat) => expect(parseProcessStat(text)).toEqual(stat))
