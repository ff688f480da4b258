// Makes a connection of its own through the code that makes all of them, and keeps what each stage came to.
import type { ConnectionTest, TestStep } from '../../shared/contract/index.ts'
import { asProblem } from '../../shared/problem.ts'
import { wallClock } from '../../shared/time/wall-clock.ts'
import type { HelperLink, LinkOptions } from '../helper-link/helper-link.ts'
import { TestSteps } from './test-steps.ts'

export interface TestParts {
  readonly openLink: (options: LinkOptions) => Promise<HelperLink>
  readonly environment: LinkOptions['environment']
  readonly ask: LinkOptions['ask']
  readonly log: LinkOptions['onLog']
  readonly onInstalled: (path: string) => Promise<void>
  readonly signal: AbortSignal
  readonly onSteps: (steps: readonly TestStep[]) => void
}

const sampleTimeoutMs = 20_000

/** A failure is an answer: it resolves with the step that failed. The link is read-only, and closed again. */
export async function testConnection(address: string, parts: TestParts): Promise<ConnectionTest> {
  const at = wallClock()
  const startedAt = performance.now()
  const steps = new TestSteps(parts.onSteps)
  try {
    const link = await parts.openLink({
      address,
      readOnly: true,
      ask: steps.withoutWaiting(parts.ask),
      onStep: () => undefined,
      onLog: parts.log,
      onInstalled: parts.onInstalled,
      signal: parts.signal,
      environment: parts.environment,
      stages: steps,
    })
    try {
      await readSample(link, steps, parts.signal)
    } finally {
      await link.close()
    }
  } catch (error) {
    steps.fail(asProblem(error, `cannot connect to ${address}`))
  }
  const list = steps.finish(address)
  return {
    address: address.slice(0, 512),
    at,
    ok: list.every(({ state }) => state === 'ok' || state === 'skipped'),
    seconds: (performance.now() - startedAt) / 1000,
    steps: list,
  }
}

async function readSample(link: HelperLink, steps: TestSteps, signal: AbortSignal): Promise<void> {
  const { version, host, limits } = link.hello
  steps.fact(`helper ${version} on Linux ${host.kernel}`)
  for (const limit of limits) steps.fact(limit)
  steps.begin('sample', host.hostname)
  const { guests, images } = await link.call('sample', {}, { signal, timeoutMs: sampleTimeoutMs })
  steps.fact(`${count(guests.length, 'guest')}, ${count(images.length, 'image')}`)
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
