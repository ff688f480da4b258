// The figures of the workbench as they stand in the report, each beside its goal.
import { medianOf } from '../../../src/shared/statistics/median.ts'
import { type MeasuredSize, sizes, type WorkbenchResults } from './workbench-results.ts'

const notMeasured = 'not measured'

/** Markdown. Parts that were never measured are said to be so. */
export function formatWorkbench(results: WorkbenchResults): string {
  const row = (label: string, goal: string, read: (one: MeasuredSize) => string) => {
    const values = sizes.map((size) => {
      const one = results.sizes[size]
      return one === undefined ? notMeasured : read(one)
    })
    return `| ${[label, ...values, goal].join(' | ')} |`
  }
  const ms = (values: readonly number[]) => `${Math.round(medianOf(values))} ms`
  return `
Hosts are played from a formula (\`test/replay/hosts\`) behind the real session: frames, JSON-RPC and schemas are those of a
helper, SSH is left out. Each has 4 guests, one has 60, and each is sampled every 2 s. 100 hosts have a month of history and
an assessment a day. One page is open in headless Chromium without a GPU; CPU and memory of main, with its history worker,
are taken while none is. An assessment is open when its table of guests, its matrix and its charts are painted, counted
from the key of the tab *Memory*. Times are medians.

| figure | ${sizes.map((size) => `${size} hosts`).join(' | ')} | goal, 100 hosts |
|---|${sizes.map(() => '---|').join('')}---|
${[
  row('first paint', 'under 1 s', ({ firstPaintMs }) => ms(firstPaintMs)),
  row('table of the fleet shown', '', ({ fleetShownMs }) => ms(fleetShownMs)),
  row('assessment of 60 guests opened', 'under 300 ms', ({ assessmentShownMs }) => ms(assessmentShownMs)),
  row('frames a second, scrolling the fleet', '50', ({ scrollFramesPerSecond }) =>
    scrollFramesPerSecond.toFixed(0),
  ),
  row('frames a second, reading a chart of 30 days', '50', ({ hoverFramesPerSecond }) =>
    hoverFramesPerSecond.toFixed(0),
  ),
  row(
    'CPU of main, of one core, over a minute',
    'under 20 %',
    ({ mainCpuRatio }) => `${(100 * mainCpuRatio).toFixed(1)} %`,
  ),
].join('\n')}

- ${describeHistory(results)}
- ${describeMemory(results)}`
}

function describeHistory({ historyBytesPerHost }: WorkbenchResults): string {
  const goal = 'goal: under 40 MB'
  if (historyBytesPerHost === undefined) return `History of a host and month: ${notMeasured}; ${goal}.`
  const size = `${(historyBytesPerHost / 1e6).toFixed(1)} MB`
  return `History of a host and month: **${size}**, a hundredth of the file of 100 hosts; ${goal}.`
}

function describeMemory({ memory }: WorkbenchResults): string {
  const goal = 'goal: flat over 10 minutes'
  if (memory === undefined) return `Memory of main with 100 hosts: ${notMeasured}; ${goal}.`
  const mib = (value: number) => `${value.toFixed(0)} MiB`
  const { minutes, firstMiB, lastMiB, largestMiB, slopeMiBPerHour, marginMiBPerHour } = memory
  return `Memory of main with 100 hosts over ${minutes} minutes, the first fifth left out: **${mib(firstMiB)}** in the first
  quarter, **${mib(lastMiB)}** in the last, at most ${mib(largestMiB)}; slope ${slopeMiBPerHour.toFixed(0)} ± ${marginMiBPerHour.toFixed(0)} MiB an hour; ${goal}.`
}
