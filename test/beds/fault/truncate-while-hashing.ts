// Run by test/integration/faults-images.test.ts: truncates a file while its pages are being hashed through a mapping.
// A helper that touched the mapping would die of SIGBUS here; no test in another process can choose the moment so well.
import { ftruncateSync, openSync } from 'node:fs'
import { PageChunk } from '../../../helper/src/identical-pages/scan/page-hash.ts'
import { drawKeys } from '../../../helper/src/identical-pages/scan/page-hash-module.ts'
import { pageSize } from '../../../helper/src/kernel/page-size.ts'
import { WindowHasher } from '../../../helper/src/page-cache/image-window.ts'

const [path = '', pages = '', keptPages = ''] = process.argv.slice(2)
const fd = openSync(path, 'r+')
const window = { start: 0, length: Number(pages) * pageSize }
const wanted = new Uint8Array(Number(pages)).fill(1)
const seen: number[] = []
const hashed = new WindowHasher(new PageChunk(drawKeys())).hashWanted(fd, window, wanted, (page) => {
  if (seen.length === 0) ftruncateSync(fd, Number(keptPages) * pageSize)
  seen.push(page)
})
console.log(JSON.stringify({ hashed, last: seen.at(-1) }))
