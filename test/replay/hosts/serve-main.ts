// The browser shell over replayed hosts: `serve-main.ts FOLDER GUESTS`. Prints its link, and on each line that it reads
// what it has cost so far. The hosts are those of FOLDER/hosts.json.
import { createInterface } from 'node:readline'
import { openBrowserShell } from '../../../src/main/browser-shell/browser-shell.ts'
import { rendererDirectory } from '../../../src/main/installation.ts'
import { createWorkbench } from '../../../src/main/workbench.ts'
import { openAnswerGate } from './answer-gate.ts'
import { startReplayedLinks } from './replayed-links.ts'

const [folder = '', guests = '4'] = process.argv.slice(2)
const { openLink, helpers, breakHost } = await startReplayedLinks(folder, Number(guests))
const workbench = await createWorkbench({
  dataDirectory: folder,
  environment: { home: folder, helperDirectory: folder },
  version: '0.1.0',
  stay: 'resident',
  openLink,
  onProblem: ({ message }) => process.stderr.write(`${message}\n`),
})
const gate = openAnswerGate(workbench)
const shell = await openBrowserShell({ workbench: gate, rendererDirectory, port: 0 })
process.stdout.write(`${await shell.newLink()}\n`)

// Whatever ends this process: helpers that went on would hold the streams of the test.
process.on('exit', () => helpers.kill())
createInterface({ input: process.stdin })
  .on('line', (line) => void answer(line))
  .on('close', () => {
    void (async () => {
      await shell.close()
      await workbench.close()
      helpers.kill()
      process.exit(0)
    })()
  })

async function answer(line: string): Promise<void> {
  const [, broken] = /^break (\d+)$/.exec(line) ?? []
  if (broken !== undefined) {
    breakHost(Number(broken))
    process.stdout.write('broken\n')
  } else if (line.startsWith('gate ')) {
    gate.set(JSON.parse(line.slice('gate '.length)))
    process.stdout.write('set\n')
  } else if (line === 'link') process.stdout.write(`${await shell.newLink()}\n`)
  else {
    const { user, system } = process.cpuUsage()
    process.stdout.write(
      `${JSON.stringify({ cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage().rss })}\n`,
    )
  }
}
