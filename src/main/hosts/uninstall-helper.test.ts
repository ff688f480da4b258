import { expect, it } from 'vitest'
import { describeUninstalled } from './uninstall-helper.ts'

it.each([
  [{ removed: [], kept: [], unreached: [], running: [] }, 'it was not installed'],
  [{ removed: ['/a', '/b'], kept: [], unreached: [], running: [] }, 'removed /a, /b'],
  [
    { removed: ['/a'], kept: ['/var/lib/singleton-helper'], unreached: ['/r/versions'], running: [7, 8] },
    "removed /a; kept /var/lib/singleton-helper; sudo wants a password to look for copies of root's: sudo rm -r /r/versions; still running as process 7, 8",
  ],
])('describes %j', (uninstalled, text) => expect(describeUninstalled(uninstalled)).toBe(text))
