import { expect, it } from 'vitest'
import { parseSecurityLabel } from './security-label.ts'

it.each([
  ['system_u:system_r:svirt_t:s0:c12,c80\0', 'system_u:system_r:svirt_t:s0:c12,c80'],
  ['libvirt-1b2c (enforce)\n', 'libvirt-1b2c (enforce)'],
  ['', undefined],
  ['\n', undefined],
])('parses %j', (text, label) => expect(parseSecurityLabel(text)).toBe(label))
