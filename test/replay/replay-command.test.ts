import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatRecording, parseRecording } from '../../helper/src/policies/recording.ts'
import { Problem } from '../../src/shared/problem.ts'
import { replayCommand } from './replay-command.ts'

const path = new URL('../fixtures/recordings/model-b.jsonl', import.meta.url)
const text = readFileSync(path, 'utf8')

function problemOf(act: () => unknown): Problem {
  try {
    act()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('no Problem')
}

describe('recordings', () => {
  it('are read back as they were written', () => {
    const recording = parseRecording(text)
    expect(recording.observations.length).toBeGreaterThan(20)
    expect(parseRecording(formatRecording(recording))).toEqual(recording)
  })

  it.each<[string, string, string]>([
    ['nothing', '', 'line 1'],
    ['a foreign header', '{"recording":"else"}\n', 'line 1'],
    ['a header alone', `${text.split('\n')[0]}\n`, 'it holds no observation'],
    ['a cut line', text.slice(0, 2000), 'line 2'],
    ['time that runs back', text + text.split('\n')[1], 'time does not go forward'],
    [
      'more arrivals than pages',
      text.replace('"arrivedPages":', '"arrivedPages":9'),
      'counts more pages than it has',
    ],
  ])('with %s are refused by line', (_, damaged, reason) => {
    const problem = problemOf(() => parseRecording(damaged))
    expect(problem.code).toBe('bad-input')
    expect(problem.message).toContain(reason)
  })
})

describe('the replay command', { timeout: 60_000 }, () => {
  it('compares policies on a recording, with a policy file beside the standard ones', () => {
    const files: Record<string, string> = {
      'r.jsonl': text,
      'mine.json': '{"scrub":{"mode":"reclaim","target":{"cacheBytes":0}}}',
    }
    const printed = replayCommand(
      ['--recording', 'r.jsonl', '--policy', 'mine.json', '--json'],
      (name) => files[name] ?? '',
    )
    const [compared] = JSON.parse(printed)
    const ratios = compared.rows.map(
      (row: { report: { guests: { hostHitRatio: number }[] } }) => row.report.guests[0]?.hostHitRatio,
    )
    expect(compared.rows.map((row: { policy: string }) => row.policy)).toEqual([
      'kernel alone',
      'periodic 5 s',
      'adaptive',
      'mine.json',
    ])
    // The recording is too short for more: adaptive has to see the stream come again before it knows it.
    expect(ratios[2]).toBeGreaterThan(3 * ratios[0])
  })

  it('prints a table for a workload of the model', () => {
    const lines = replayCommand(['--workload', 'f', '--seed', '3'], () => '').split('\n')
    expect(lines[0]).toBe('(f) idle guests')
    expect(lines[2]).toMatch(/^kernel alone {2}/)
    expect(lines).toHaveLength(6)
  })

  it.each([
    [['--workload', 'z'], 'no workload "z", allowed: a, b'],
    [['--seed', 'x'], '--seed is "x"'],
    [['--workload', 'a', '--recording', 'r'], 'exclude each other'],
    [['--nonsense'], '--nonsense'],
    [['stray'], 'stray'],
  ])('refuses %j', (args, reason) => {
    expect(problemOf(() => replayCommand(args, () => '')).message).toContain(reason)
  })
})
