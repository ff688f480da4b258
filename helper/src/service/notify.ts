// What the service tells systemd: one datagram a message. Source: sd_notify(3). Pure, except for the sending.

export interface Notice {
  readonly ready?: boolean
  readonly stopping?: boolean
  readonly watchdog?: boolean
  /** One line for `systemctl status`. */
  readonly status?: string
}

const longestStatus = 500

/** The datagram of sd_notify(3). */
export function noticeText({ ready, stopping, watchdog, status }: Notice): string {
  const lines = [
    ...(ready ? ['READY=1'] : []),
    ...(stopping ? ['STOPPING=1'] : []),
    ...(watchdog ? ['WATCHDOG=1'] : []),
    // A line break would begin another assignment.
    ...(status === undefined ? [] : [`STATUS=${status.replace(/[\p{Cc}]+/gu, ' ').slice(0, longestStatus)}`]),
  ]
  return lines.join('\n')
}

const unixFamily = 1
/** Room in `sockaddr_un`, less the byte that ends a path. */
const longestPath = 107

/** `sockaddr_un` of a path, or of an abstract name that begins with @; undefined: neither. Source: unix(7). */
export function socketAddress(path: string): Uint8Array | undefined {
  const bytes = new TextEncoder().encode(path)
  const isAbstract = path.startsWith('@')
  if ((!isAbstract && !path.startsWith('/')) || bytes.length > longestPath) return undefined
  // An abstract name is as long as the address says; a path ends with a zero.
  const own = new Uint8Array(new ArrayBuffer(2 + bytes.length + (isAbstract ? 0 : 1)))
  own.set([unixFamily & 0xff, unixFamily >> 8])
  own.set(bytes, 2)
  if (isAbstract) own[2] = 0
  return own
}

/** Half of what systemd waits for a sign of life; undefined: it does not wait, or waits for another process. */
export function watchdogMilliseconds(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  const microseconds = Number(environment.WATCHDOG_USEC)
  const isOurs = environment.WATCHDOG_PID === undefined || Number(environment.WATCHDOG_PID) === pid
  return Number.isSafeInteger(microseconds) && microseconds > 0 && isOurs ? microseconds / 2000 : undefined
}

/** Tells systemd, where it asked to be told; what does not reach it is not worth a failure. */
export class Notifier {
  readonly #address: Uint8Array | undefined
  readonly #send: (address: Uint8Array, text: Uint8Array) => void
  readonly #log: (line: string) => void

  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    send: (address: Uint8Array, text: Uint8Array) => void,
    log: (line: string) => void,
  ) {
    this.#address = environment.NOTIFY_SOCKET ? socketAddress(environment.NOTIFY_SOCKET) : undefined
    this.#send = send
    this.#log = log
  }

  tell(notice: Notice): void {
    if (this.#address === undefined) return
    const text = new TextEncoder().encode(noticeText(notice))
    try {
      this.#send(this.#address, text)
    } catch (error) {
      this.#log(`cannot tell systemd: ${error instanceof Error ? error.message : error}`)
    }
  }
}
