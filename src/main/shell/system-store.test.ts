import { expect, it, vi } from 'vitest'

// Importing electron would try to download it.
vi.mock('electron', () => ({ safeStorage: {} }))
const { placeOf } = await import('./system-store.ts')

it.each([
  ['linux', 'gnome_libsecret', true, 'offered', 'the keyring of this desktop'],
  ['linux', 'kwallet6', true, 'offered', 'KWallet'],
  ['darwin', undefined, true, 'offered', 'the macOS keychain'],
  ['win32', undefined, true, 'offered', 'the Windows account (DPAPI)'],
  ['linux', 'basic_text', true, 'refused', 'a password that is the same everywhere'],
  ['linux', 'unknown', true, 'refused', 'does not answer, or is locked'],
  ['linux', 'gnome_libsecret', false, 'refused', 'does not answer, or is locked'],
  ['darwin', undefined, false, 'refused', 'does not answer, or is locked'],
  ['freebsd', undefined, true, 'refused', 'does not answer, or is locked'],
] as const)('on %s with %s, answering %s: %s, %s', (platform, backend, isAvailable, state, words) => {
  const place = placeOf(platform, backend, isAvailable)
  expect(place.state).toBe(state)
  expect(JSON.stringify(place)).toContain(words)
})
