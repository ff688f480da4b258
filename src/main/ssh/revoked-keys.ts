// The file of `RevokedHostKeys`: keys that are refused whatever known_hosts says.
import { Problem } from '../../shared/problem.ts'
import { readTextFile } from './text-file.ts'

const binaryListMagic = 'SSHKRL\n'

/**
 * Whether the list names this key, one public key a line. Throws where the list cannot be read: a key that nobody can
 * check is not trusted, as for OpenSSH. Lists in OpenSSH's binary form are `not-supported`.
 */
export async function isRevoked(path: string, key: Buffer): Promise<boolean> {
  const text = await readList(path)
  if (text.startsWith(binaryListMagic)) {
    throw new Problem('not-supported', `cannot check RevokedHostKeys ${path}: it is a binary list (KRL)`, {
      remedy: 'List the revoked public keys there instead, one per line.',
    })
  }
  const wanted = key.toString('base64')
  return text.split('\n').some((line) => !line.startsWith('#') && line.trim().split(/\s+/).includes(wanted))
}

async function readList(path: string): Promise<string> {
  try {
    const file = await readTextFile(path)
    if (file !== undefined) return file.text
  } catch (error) {
    throw unreadable(path, (error as Error).message, error)
  }
  throw unreadable(path, 'there is no such file')
}

function unreadable(path: string, reason: string, cause?: unknown): Problem {
  return new Problem('not-permitted', `cannot check RevokedHostKeys ${path}: ${reason}`, { cause })
}
