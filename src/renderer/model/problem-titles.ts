// What each Problem code is called on screen. The message and the remedy come with the Problem.
import type { ProblemCode } from '../../shared/problem.ts'

export const problemTitles: Readonly<Record<ProblemCode, string>> = {
  'bad-input': 'Not understood',
  'not-found': 'Not found',
  gone: 'No longer there',
  'not-permitted': 'A privilege is missing',
  'read-only': 'Observe mode: nothing was changed',
  'not-supported': 'Not supported on this host',
  'not-applicable': 'Not applicable',
  busy: 'Held by another process',
  'other-policy': 'The service has another policy',
  'out-of-memory': 'Refused: not enough memory',
  'out-of-space': 'No space left',
  unreachable: 'Host unreachable',
  'timed-out': 'No answer in time',
  cancelled: 'Cancelled',
  'host-key-unknown': 'Host key not accepted',
  'host-key-changed': 'Host key has changed',
  'host-key-revoked': 'Host key is revoked',
  'authentication-failed': 'Login failed',
  protocol: 'Broken answer',
  disconnected: 'Connection lost',
  system: 'The system refused',
  internal: 'Fault in the workbench',
}
