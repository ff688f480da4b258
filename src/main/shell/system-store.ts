// Electron's safeStorage: a key that the system's store of secrets holds for this app.
import { safeStorage } from 'electron'
import type { SecretPlace } from '../../shared/contract/index.ts'
import type { SystemStore } from '../secrets/kept-secrets.ts'

type Backend = ReturnType<typeof safeStorage.getSelectedStorageBackend>

const linuxPlaces: Readonly<Record<Exclude<Backend, 'basic_text' | 'unknown'>, string>> = {
  gnome_libsecret: 'the keyring of this desktop',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
}
const otherPlaces: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  darwin: 'the macOS keychain',
  win32: 'the Windows account (DPAPI)',
}

/** Pure. `backend` counts on Linux only. */
export function placeOf(
  platform: NodeJS.Platform,
  backend: Backend | undefined,
  isAvailable: boolean,
): SecretPlace {
  if (backend === 'basic_text')
    return {
      state: 'refused',
      reason:
        'This desktop has no keyring that the app can use (GNOME Keyring or KWallet). Electron would encrypt with a password that is the same everywhere, which protects nothing.',
    }
  const place =
    platform === 'linux'
      ? linuxPlaces[(backend ?? 'unknown') as keyof typeof linuxPlaces]
      : otherPlaces[platform]
  if (place === undefined || !isAvailable)
    return { state: 'refused', reason: 'The store of secrets of this system does not answer, or is locked.' }
  return { state: 'offered', place }
}

export const systemStore: SystemStore = {
  find: async () => {
    const backend = process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : undefined
    // Asking whether it is available would make a key in a store that is refused.
    const isRefused = backend === 'basic_text' || backend === 'unknown'
    const isAvailable = !isRefused && (await safeStorage.isAsyncEncryptionAvailable())
    return placeOf(process.platform, backend, isAvailable)
  },
  seal: (text) => safeStorage.encryptStringAsync(text),
  unseal: async (sealed) => (await safeStorage.decryptStringAsync(sealed)).result,
}
