// Run by test/integration/hostile-descriptors.test.ts: opens a file with the rights of several users, and shows the rights
// of the thread before and after.
import { closeSync, openSync, readFileSync } from 'node:fs'
import { withFileCredentials } from '../../../helper/src/kernel/credentials.ts'
import type { FileCredentials } from '../../../helper/src/kernel/process-status.ts'

const [path = '', users = '[]'] = process.argv.slice(2)

function attempt(credentials: FileCredentials): string {
  try {
    closeSync(withFileCredentials(credentials, () => openSync(path, 'r')))
    return 'opened'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

const rights = () =>
  readFileSync('/proc/thread-self/status', 'utf8')
    .match(/^(Uid|Gid|Groups|CapEff):.*$/gm)
    ?.join()
const before = rights()
const opened = (JSON.parse(users) as FileCredentials[]).map(attempt)
console.log(JSON.stringify({ opened, isBack: rights() === before }))
