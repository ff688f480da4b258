// Decrypts a private key and signs with it in a thread of its own: bcrypt in JavaScript would block main.
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

export interface SignRequest {
  readonly keyText: string
  readonly data: Buffer
  /** Name of the digest; absent for the key's own. */
  readonly hash: string | undefined
  readonly passphrase: string
}

/** As text, so that it needs no file of its own beside a bundle; ssh2 stays outside the bundle. */
const threadSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { utils } = require(workerData.ssh2)
const parsed = utils.parseKey(workerData.keyText, workerData.passphrase)
const key = Array.isArray(parsed) ? parsed[0] : parsed
const signature = key instanceof Error ? key : key.sign(Buffer.from(workerData.data), workerData.hash)
parentPort.postMessage(signature instanceof Error ? null : signature)
`
const maxSignMs = 60_000

/** Resolves with undefined when the key cannot be read with that passphrase. */
export function signInThread(request: SignRequest): Promise<Buffer | undefined> {
  const ssh2 = createRequire(import.meta.url).resolve('ssh2')
  const worker = new Worker(threadSource, { eval: true, workerData: { ...request, ssh2 } })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no signature within ${maxSignMs / 1000} s`))
      void worker.terminate()
    }, maxSignMs)
    worker.once('message', (value: Uint8Array | null) =>
      resolve(value === null ? undefined : Buffer.from(value)),
    )
    worker.once('error', reject)
    worker.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the signing thread ended with code ${code}`))
    })
  })
}
