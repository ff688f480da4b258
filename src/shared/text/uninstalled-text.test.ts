import { expect, it } from 'vitest'
import { describeUninstalled } from './uninstalled-text.ts'

it.each([
  [{ removed: [], kept: [], unreached: [], running: [] }, 'it was not installed'],
  [{ removed: ['/a', '/b'], kept: [], unreached: [], running: [] }, 'removed /a, /b'],
  [
    { removed: ['/a'], kept: ['/var/lib/singleton-helper'], unreached: ['/r/versions'], running: [7, 8] },
    "removed /a; kept /var/lib/singleton-helper; sudo needs a password to look for root's copies: sudo rm -r '/r/versions'; still running: process 7, 8",
  ],
  [
    { removed: ['/a'], kept: [], unreached: ['/r; reboot', "/it's"], running: [] },
    "removed /a; sudo needs a password to look for root's copies: sudo rm -r '/r; reboot' '/it'\\''s'",
  ],
])('describes %j', (uninstalled, text) => expect(describeUninstalled(uninstalled)).toBe(text))
