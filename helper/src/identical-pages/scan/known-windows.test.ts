import { expect, it } from 'vitest'
import { KnownWindows, type WindowFindings } from './known-windows.ts'

const found: WindowFindings = {
  ...{ digest: 1n, presentPages: 3, sites: new Uint32Array([4]) },
  ...{ privateRuns: [0, 1], alone: [], kernelZeroPages: 1 },
}

it('keeps what a scan came by for the next one, and no longer', () => {
  const windows = new KnownWindows()
  windows.beginScan()
  windows.keepWindow(7, 4096, found)
  windows.keepWindow(7, 8192, found)
  windows.beginScan()
  expect(windows.knownWindow(7, 4096)).toBe(found)
  expect(windows.knownWindow(8, 4096)).toBeUndefined()
  windows.keepWindow(7, 4096, found)
  windows.beginScan()
  expect(windows.knownWindow(7, 4096)).toBe(found)
  expect(windows.knownWindow(7, 8192)).toBeUndefined()
  windows.keepWindow(7, 4096, undefined)
  expect(windows.knownWindow(7, 4096)).toBeUndefined()
})
