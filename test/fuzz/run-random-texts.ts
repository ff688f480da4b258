// 10,000 random files of each kind: node test/fuzz/run-random-texts.ts [COUNT] [SEED]
// Prints how many were taken and refused and the longest time that one took; fails when a reader is at fault.
import { createRandom } from '../../src/shared/random.ts'
import { randomText, type TextKind } from './random-texts.ts'
import { readRandomText } from './read-random-text.ts'

const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number)
const kinds: readonly TextKind[] = ['ssh_config', 'known_hosts', 'inventory', 'address']
let faults = 0

for (const kind of kinds) {
  const random = createRandom(seed)
  const outcomes = { taken: 0, refused: 0 }
  let slowest = { ms: 0, text: '' }
  for (let each = 0; each < count; each += 1) {
    const text = randomText(kind, random)
    const start = performance.now()
    try {
      outcomes[await readRandomText(kind, text)] += 1
    } catch (error) {
      faults += 1
      console.log(`${kind} ${each}: ${(error as Error).stack}\n${JSON.stringify(text.slice(0, 2000))}`)
    }
    const ms = performance.now() - start
    if (ms > slowest.ms) slowest = { ms, text }
  }
  console.log(
    `${kind}: ${outcomes.taken} taken, ${outcomes.refused} refused; the slowest took ${slowest.ms.toFixed(0)} ms: ${JSON.stringify(slowest.text.slice(0, 120))}`,
  )
}
if (faults > 0) {
  console.log(`${faults} times a reader was at fault`)
  process.exitCode = 1
}
