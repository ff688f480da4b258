import { describe, expect, it } from 'vitest'
import { describeService } from './service-text.ts'

const program = { version: '0.2.0', buildDigest: 'a'.repeat(64), path: '/p' }

describe('the service in sentences', () => {
  it.each([
    [{ state: 'absent', hasPolicy: false }, 'no service is installed'],
    [
      {
        state: 'running',
        pid: 7,
        note: 'runs scrub adaptive',
        enabled: true,
        program,
        isThisBuild: true,
        hasPolicy: true,
      },
      'the service runs (process 7): runs scrub adaptive\nversion 0.2.0 (aaaaaaaaaaaa)',
    ],
    [
      { state: 'stopped', enabled: false, program, previous: program, isThisBuild: false, hasPolicy: false },
      'the service is installed and does not run\nversion 0.2.0 (aaaaaaaaaaaa); the workbench has another build\n' +
        'a roll-back goes to 0.2.0 (aaaaaaaaaaaa)\nit does not start at boot\nit has no policy, and waits for one',
    ],
    [
      { state: 'running', enabled: true, hasPolicy: true, brokenPolicy: '/etc/p.broken.json' },
      'the service runs\na policy file that could not be used lies in /etc/p.broken.json: mend it or remove it',
    ],
  ] as const)('%j', (status, text) => expect(describeService(status)).toBe(text))
})
