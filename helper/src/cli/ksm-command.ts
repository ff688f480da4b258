// The command `ksm status|start|stop|unmerge|restore|merge`.

import type { KsmStart, KsmStatus } from '../../../src/shared/contract/ksm.ts'
import { describeKsmBurst } from '../../../src/shared/text/burst-text.ts'
import { formatGuestSwitch, formatKsmStatus } from '../../../src/shared/text/ksm-text.ts'
import { terminalJson } from '../../../src/shared/text/terminal.ts'
import type { ChangeContext } from '../changes/change.ts'
import { burstExitCode } from '../ksm/burst-exit-code.ts'
import { liveBurstTools } from '../ksm/live-burst-tools.ts'
import { restoreKsm } from '../ksm/restore-ksm.ts'
import { readKsmStatus } from '../ksm/status.ts'
import { startKsm, stopKsm } from '../ksm/switch-ksm.ts'
import { unmergeKsm } from '../ksm/unmerge-ksm.ts'
import { watchBurst } from '../ksm/watch-burst.ts'
import { mergeGuest } from '../monitors/merge-guest.ts'
import { commandContext } from './command-context.ts'
import type { CommandIo } from './command-io.ts'
import { type KsmAct, parseKsmArgs } from './parse-ksm-args.ts'

/** Prints the status after the act, as text or with `--json` as one document. Problems are the caller's to print. */
export async function runKsmCommand(args: string[], io: CommandIo): Promise<number> {
  const command = parseKsmArgs(args)
  const context = await commandContext((line) => io.say(line))
  if (command.act === 'merge') {
    const switched = await mergeGuest(context, command.params)
    io.out(command.json ? `${terminalJson(switched)}\n` : formatGuestSwitch(switched))
    return 0
  }
  const status = await runAct(command.act, command.params, context, io)
  io.out(command.json ? `${terminalJson(status)}\n` : formatKsmStatus(status))
  return command.act === 'start' && status.burst !== undefined ? burstExitCode(status.burst.state) : 0
}

function runAct(act: KsmAct, params: KsmStart, context: ChangeContext, io: CommandIo): Promise<KsmStatus> {
  switch (act) {
    case 'status':
      return readKsmStatus(context)
    case 'start':
      return startAndWatch(context, params, io)
    case 'stop':
      return stopKsm(context)
    case 'restore':
      return restoreKsm(context)
    case 'unmerge':
      return unmergeKsm(context, {
        signal: io.signal,
        reportProgress: ({ step, detail }) => {
          io.status(`${step}: ${detail ?? ''}`)
        },
      })
  }
}

/** A burst keeps the command until it is over; a signal ends it early, keeping what is merged. */
async function startAndWatch(context: ChangeContext, params: KsmStart, io: CommandIo): Promise<KsmStatus> {
  const tools = liveBurstTools(context)
  const started = await startKsm(context, params, { tools, signal: io.signal })
  if (started.burst?.state !== 'running') return started
  if (io.isTty) io.say(describeKsmBurst(started.burst))
  await watchBurst(context, io.signal, tools)
  return readKsmStatus(context)
}
