import { expect, it } from 'vitest'
import { folderOfPath } from './process-folders.ts'

it.each([
  ['/run/qmp', '/proc/12/root'],
  ['qmp', '/proc/12/cwd'],
])('counts %s from %s', (path, folder) =>
  expect(folderOfPath({ proc: '/proc', sys: '/sys' }, 12, path)).toBe(folder),
)
