// Writes samples until it is killed, and says how many are safe: those asked back after they were written.

import { openHistory } from '../../src/main/history/history-database.ts'
import { fakeSample } from '../fakes/fake-sample.ts'

const history = openHistory({
  dataDirectory: process.argv[2] ?? '',
  onProblem: (problem) => {
    throw problem
  },
  onHealth: (problem) => {
    if (problem) throw problem
  },
})
for (let count = 1; ; count += 1) {
  history.addSample('h', undefined, fakeSample({ at: count, arrivedAt: count }))
  if (count % 10 !== 0) continue
  // A question is answered after all that came before it is committed.
  await history.remembered('h')
  process.stdout.write(`${count}\n`)
}
