// Run by test/integration/image-identity.test.ts: looks at a file in reserved huge pages as if it were an image, which the
// helper itself never does. Its mapping cannot be given back with the length it was made with (munmap(2): EINVAL).
import { openSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Image } from '../../../helper/src/images/image.ts'
import { identityOf } from '../../../helper/src/images/image-identity.ts'
import { liveKernel } from '../../../helper/src/kernel/kernel-root.ts'
import { readProcessStatus } from '../../../helper/src/kernel/process-status.ts'
import { readFileStatus } from '../../../helper/src/kernel/statx.ts'
import { measureWindow } from '../../../helper/src/page-cache/image-window.ts'
import { withOpenImage } from '../../../helper/src/page-cache/open-image.ts'

const [path = ''] = process.argv.slice(2)
const fd = openSync(path, 'r')
const credentials = readProcessStatus(liveKernel, process.pid)?.credentials
if (credentials === undefined) throw new Error('this process has no status')
const image: Image = {
  id: identityOf(liveKernel, readFileStatus(fd)),
  path,
  label: path,
  places: [{ root: liveKernel, pid: process.pid, fd: String(fd), credentials }],
  format: 'raw',
  cacheMode: 'buffered',
  sizeBytes: 4096,
  guests: [process.pid],
}

async function attempt(): Promise<string> {
  try {
    await withOpenImage(image, (open) =>
      measureWindow(open.fd, { start: 0, length: 4096 }, new Uint8Array(1)),
    )
    return 'nothing'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const problems: string[] = []
for (let turn = 0; turn < 4; turn += 1) problems.push(await attempt())
const maps = readFileSync('/proc/self/maps', 'utf8').split('\n')
console.log(
  JSON.stringify({ problems, mappings: maps.filter((line) => line.endsWith(basename(path))).length }),
)
