// safeStorage over a keyring that is a file of the stand-in's own: which one a desktop has, STAND_IN_KEYRING says. Without
// it there is none, as on a machine without a desktop, and Electron takes basic_text.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app } from './app.ts'

function key(): Buffer {
  const folder = app.getPath('userData')
  const path = join(folder, 'keyring')
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(path, randomBytes(32), { mode: 0o600 })
  }
  return readFileSync(path)
}

const backend = () => process.env.STAND_IN_KEYRING ?? 'basic_text'

function requireKeyring(): void {
  if (backend() === 'basic_text') throw new Error('the shell used a store that it has to refuse')
}

export const safeStorage = {
  getSelectedStorageBackend: () => (app.isReady() ? backend() : 'unknown'),
  isAsyncEncryptionAvailable: async () => {
    requireKeyring()
    return true
  },
  encryptStringAsync: async (text: string): Promise<Buffer> => {
    requireKeyring()
    const start = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key(), start)
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([start, cipher.getAuthTag(), sealed])
  },
  decryptStringAsync: async (sealed: Buffer) => {
    requireKeyring()
    const cipher = createDecipheriv('aes-256-gcm', key(), sealed.subarray(0, 12))
    cipher.setAuthTag(sealed.subarray(12, 28))
    const text = Buffer.concat([cipher.update(sealed.subarray(28)), cipher.final()])
    return { result: text.toString('utf8'), shouldReEncrypt: false }
  },
}
