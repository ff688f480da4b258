// A connection test as text, for a mail or an issue. Pure.
import type { ConnectionTest, TestStep } from '../../shared/contract/index.ts'
import { formatSeconds } from '../../shared/units.ts'
import { stageTitles } from './stage-titles.ts'

export function testText({ address, at, steps }: ConnectionTest): string {
  const head = `Connection test of ${address}, ${new Date(at).toISOString()}`
  return [head, ...steps.map(stepText)].join('\n')
}

function stepText({ stage, on, state, seconds, facts, problem }: TestStep): string {
  const time = seconds === undefined ? '' : `, ${formatSeconds(seconds)}`
  const lines = [
    ...facts,
    ...(problem ? [problem.message] : []),
    ...(problem?.remedy ? [`What to do: ${problem.remedy}`] : []),
  ]
  return [
    `${state.padEnd(8)}${stageTitles[stage]} (${on})${time}`,
    ...lines.map((line) => `        ${line}`),
  ].join('\n')
}
