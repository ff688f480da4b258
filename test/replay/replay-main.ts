// Entry for developers: `node test/replay/replay-main.ts …` prints what the command `replay` returns.
import { readFileSync } from 'node:fs'
import { asProblem } from '../../src/shared/problem.ts'
import { replayCommand } from './replay-command.ts'

try {
  process.stdout.write(replayCommand(process.argv.slice(2), (path) => readFileSync(path, 'utf8')))
} catch (error) {
  const problem = asProblem(error, 'cannot replay')
  process.stderr.write(`${problem.message}\n${problem.remedy ?? ''}\n`)
  process.exitCode = 1
}
