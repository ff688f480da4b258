// protocol and session.defaultSession: what answers app://, what may be asked for, what is downloaded.
import { EventEmitter } from 'node:events'

type AnswerRequest = (request: { url: string }) => Response | Promise<Response>
type AnswerPermission = (
  contents: unknown,
  permission: string,
  answer: (granted: boolean) => void,
  details: { requestingUrl: string },
) => void
type CheckPermission = (contents: unknown, permission: string, origin: string) => boolean

const answers = new Map<string, AnswerRequest>()
export const privileged: unknown[] = []

export const protocol = {
  registerSchemesAsPrivileged: (schemes: readonly unknown[]) => privileged.push(...schemes),
  handle: (scheme: string, answer: AnswerRequest) => answers.set(scheme, answer),
}

/** Undefined: no request leaves the app. */
export async function answerRequest(url: string): Promise<Response | undefined> {
  return await answers.get(new URL(url).protocol.slice(0, -1))?.({ url })
}

class Session extends EventEmitter {
  answerPermission: AnswerPermission | undefined
  checkPermission: CheckPermission | undefined
  readonly setPermissionRequestHandler = (answer: AnswerPermission) => {
    this.answerPermission = answer
  }
  readonly setPermissionCheckHandler = (check: CheckPermission) => {
    this.checkPermission = check
  }
}

export const session = { defaultSession: new Session() }
