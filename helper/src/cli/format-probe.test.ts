import { expect, it } from 'vitest'
import { fakeHello } from '../../../test/fakes/fake-link.ts'
import { formatProbe } from './format-probe.ts'

it('says what a host can do, and what is missing', () => {
  const text = formatProbe({
    host: fakeHello.host,
    capabilities: fakeHello.capabilities,
    limits: ['KSM has no scan-time advisor (Linux 6.8 has it)'],
  })
  expect(text).toContain('fake: 6.1, 954 MiB in pages of 4096 B\n')
  expect(text).toMatch(/^ksm +yes$/m)
  expect(text).toMatch(/^ksmAdvisor +no$/m)
  expect(text.endsWith('\nKSM has no scan-time advisor (Linux 6.8 has it)\n')).toBe(true)
})
