// What replayed hosts have for pages to show keeps to the contract, and its figures add up.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { analyzeExperiment } from '../../../src/main/experiments/analyze.ts'
import { experiment, mapCells, memoryMap, pageStates } from '../../../src/shared/contract/index.ts'
import { readRuns } from '../../../src/shared/memory-map/map-runs.ts'
import { replayedExperiments, writeReplayedExperiments } from './replayed-experiments.ts'
import { cellsOf, mapOf } from './replayed-map.ts'

const host = { index: 0, guests: 2 }

it('a map whose bytes by state add up to all pages, and whose cells say the same', () => {
  const map = memoryMap.parse(mapOf(host, 1, 1))
  for (const { index, pages, stateBytes } of map.strips) {
    expect(stateBytes.reduce((sum, bytes) => sum + bytes, 0)).toBe(pages * map.pageSize)
    const view = { map: map.id, strips: [{ index, from: 0, to: pages }], cells: 1000 }
    const [strip] = mapCells.parse(cellsOf(host, 1, view)).strips
    const counts = pageStates.map(() => 0)
    readRuns(strip?.runs ?? [], (_, cells, ofCell) => {
      for (const [state, count] of ofCell.entries()) counts[state] = (counts[state] ?? 0) + cells * count
    })
    expect(counts.map((count) => count * map.pageSize)).toEqual(stateBytes)
  }
})

it('an experiment that found a gain, and one of an arm against itself that found none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'singleton-replayed-'))
  try {
    writeReplayedExperiments(folder, host)
    const read = (id: string) => {
      const text = readFileSync(join(folder, 'experiments', `${id}.json`), 'utf8')
      return analyzeExperiment(experiment.parse(JSON.parse(text).experiment)).verdict.kind
    }
    expect(read(replayedExperiments.gain)).toBe('better')
    expect(read(replayedExperiments.check)).toBe('no-difference')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
