// The command `serve`: speaks the host contract on stdin and stdout for one workbench.
import { parseArgs } from 'node:util'
import {
  type Hello,
  type HostContract,
  hostContract,
  hostProtocol,
} from '../../../src/shared/contract/host-contract.ts'
import type { PolicyRound } from '../../../src/shared/contract/policy-runs.ts'
import { asProblem, Problem } from '../../../src/shared/problem.ts'
import type { CallContext, Handlers } from '../../../src/shared/rpc.ts'
import { liveKernel } from '../kernel/kernel-root.ts'
import { probeCapabilities } from '../probe/capabilities.ts'
import { readHostFacts } from '../probe/host-facts.ts'
import { boundedLog } from '../serve/log.ts'
import { type NotifyWorkbench, serveSession } from '../serve/session.ts'
import { buildDigest, version } from './build-facts.ts'
import { commandContext } from './command-context.ts'
import type { CommandIo } from './command-io.ts'
import type { LiveHandlers } from './live-handlers.ts'

/** A burst that an earlier session has left is watched also for a peer that says nothing. */
const loadsWithinMs = 1000

/** With `--session`, KSM settings changed in this session are put back at its end. */
export async function runServe(args: string[], io: CommandIo): Promise<number> {
  const { readOnly, session } = parseServeArgs(args)
  const log = boundedLog((text) => io.err(text))
  const context = await commandContext(log)
  let notify: NotifyWorkbench | undefined
  const onRound = (round: PolicyRound) => notify?.('policies/round', round)
  const hello = () => readHello(readOnly)
  let loading: Promise<LiveHandlers> | undefined
  const begin = async () => {
    const { liveHandlers } = await import('./live-handlers.ts')
    return liveHandlers({ context, hello, readOnly, session, onRound })
  }
  const load = () => {
    loading ??= begin()
    return loading
  }
  const loadSoon = () => void load().catch((error: unknown) => log(asProblem(error).message))
  const { stdin: input, stdout: output } = process
  const onOpen = (tell: NotifyWorkbench) => {
    notify = tell
    setTimeout(loadSoon, loadsWithinMs).unref()
  }
  const code = await serveSession({
    input,
    output,
    buildDigest,
    handlers: lateHandlers(hello, load, loadSoon),
    readOnly,
    log,
    onOpen,
    signal: io.signal,
  })
  // What could not be loaded has changed nothing, and each call was told why.
  const live = await loading?.catch(() => undefined)
  await live?.end()
  // Without it, a peer that neither reads nor ends its side keeps this process: streams that wait do not let go.
  process.exit(code)
}

/** The hello is answered first: what answers the rest is loaded while the workbench reads it. */
function lateHandlers(
  hello: () => Promise<Hello>,
  load: () => Promise<LiveHandlers>,
  loadSoon: () => void,
): Handlers<HostContract> {
  const late = Object.keys(hostContract).map((name) => [
    name,
    async (params: unknown, call: CallContext) => {
      const { handlers } = await load()
      const { signal } = call
      if (signal instanceof AbortSignal) signal.throwIfAborted()
      const answer = handlers[name as keyof HostContract] as (params: unknown, call: CallContext) => unknown
      return answer(params, call)
    },
  ])
  return {
    ...(Object.fromEntries(late) as Handlers<HostContract>),
    hello: () => hello().finally(() => setImmediate(loadSoon)),
  }
}

function parseServeArgs(args: string[]): { readOnly: boolean; session: boolean } {
  const options = { 'read-only': { type: 'boolean' }, session: { type: 'boolean' } } as const
  try {
    const { values } = parseArgs({ args, options })
    return { readOnly: values['read-only'] ?? false, session: values.session ?? false }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Problem('bad-input', `cannot run serve: ${reason}`, { cause: error })
  }
}

async function readHello(readOnly: boolean): Promise<Hello> {
  const { capabilities, limits } = await probeCapabilities(liveKernel)
  const host = await readHostFacts(liveKernel)
  const uid = process.getuid?.() ?? 0
  return { protocol: hostProtocol, version, buildDigest, host, uid, readOnly, capabilities, limits }
}
