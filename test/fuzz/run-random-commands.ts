// Run by test/integration/faults-input.test.ts: runs random malformed command lines in this one process, as the
// helper would, and prints those that were not refused as they should be.

import { openIo } from '../../helper/src/cli/command-io.ts'
import { runCommand } from '../../helper/src/cli/run-command.ts'
import { createRandom } from '../../src/shared/statistics/random.ts'
import { malformedCommand } from './random-commands.ts'

const [seed = '', count = ''] = process.argv.slice(2)
const random = createRandom(Number(seed))
const wrong: object[] = []
for (let line = 0; line < Number(count); line += 1) {
  const args = malformedCommand(random)
  const [out, err]: string[][] = [[], []]
  const write = (fd: 1 | 2, text: string) => (fd === 1 ? out : err)?.push(text)
  const io = openIo(write, { isTty: false, signal: new AbortController().signal })
  const code = await runCommand(args, 'test', io)
  const said = err?.join('') ?? ''
  if (code !== 2 || said.trim() === '' || said.includes('cannot finish the request')) {
    wrong.push({
      line,
      args: args.map((arg) => arg.slice(0, 80)),
      code,
      said: said.slice(0, 300),
      out: out?.length,
    })
  }
}
console.log(JSON.stringify(wrong.slice(0, 20)))
