import { expect, it } from 'vitest'
import { describeUninstalled } from './uninstall-helper.ts'

it.each([
  [{ removed: [], kept: [], running: [] }, 'it was not installed'],
  [{ removed: ['/a', '/b'], kept: [], running: [] }, 'removed /a, /b'],
  [
    { removed: ['/a'], kept: ['/var/lib/singleton-helper'], running: [7, 8] },
    'removed /a; kept /var/lib/singleton-helper; still running as process 7, 8',
  ],
])('describes %j', (uninstalled, text) => expect(describeUninstalled(uninstalled)).toBe(text))
