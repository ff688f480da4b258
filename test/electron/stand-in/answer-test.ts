// Runs what a test sends in this process, with the stand-in's modules: what Playwright's `evaluate` is to Electron.
import { z } from 'zod'
import { chromiumPort } from './chromium.ts'
import * as electron from './electron.ts'

const request = z.object({ id: z.number(), source: z.string(), argument: z.unknown().optional() })

process.on('message', (message) => {
  const { id, source, argument } = request.parse(message)
  answer(source, argument).then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? error.stack : String(error) }),
  )
})
// The channel keeps no process alive that wants to end.
process.channel?.unref()

async function answer(source: string, argument: unknown): Promise<unknown> {
  if (source === 'port') return await chromiumPort()
  const run = new Function(`return (${source})`)() as (modules: typeof electron, value: unknown) => unknown
  return await run(electron, argument)
}
