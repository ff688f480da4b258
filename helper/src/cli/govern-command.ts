// The command `govern`: the policy in force, the lock for the whole run, and the way back at its end.

import type { PolicyRun } from '../../../src/shared/contract/policy-runs.ts'
import { describeRest } from '../../../src/shared/text/policy-text.ts'
import { terminalJson } from '../../../src/shared/text/terminal.ts'
import { sleep } from '../../../src/shared/time/waiting.ts'
import { wallClock } from '../../../src/shared/time/wall-clock.ts'
import { checkAuditWritable } from '../changes/audit.ts'
import type { ChangeContext } from '../changes/change.ts'
import { withLock } from '../changes/lock.ts'
import { govern } from '../govern/govern.ts'
import { restoreFoundKsm } from '../govern/ksm-actions.ts'
import { LiveHost } from '../govern/live-host.ts'
import { asDryRun, describePolicy, readPolicy } from '../govern/policy-in-force.ts'
import { startRecording } from '../govern/recorder.ts'
import { ReserveKeeper } from '../govern/reserve-keeper.ts'
import { describeRound, type Round, roundDocument } from '../govern/round.ts'
import { hostTimeZone, runInWindows } from '../govern/run-in-windows.ts'
import { readJournal } from '../ksm/journal.ts'
import { requirePrivilege } from '../probe/privilege.ts'
import { commandContext } from './command-context.ts'
import type { CommandIo } from './command-io.ts'
import { type GovernArgs, parseGovernArgs } from './parse-govern-args.ts'

/** Runs until a signal comes (exit code 0). Problems are the caller's to print. */
export async function runGovernCommand(args: string[], io: CommandIo): Promise<number> {
  const command = parseGovernArgs(args)
  const fromFile = readPolicy(command.policyPath)
  const policy = command.dryRun ? asDryRun(fromFile) : fromFile
  requirePrivilege('govern this host')
  const say = (line: string) => io.say(line)
  const context = await commandContext(say)
  const start = () => {
    say(describePolicy(policy, command.policyPath))
    return runScheduled(context, command, policy, io)
  }
  if (command.dryRun) {
    await sayJournal(context, 'a dry run leaves it')
    await start()
    return 0
  }
  const purpose = { who: context.actor.who, action: 'govern' }
  await withLock(context.folders, context.root, purpose, async () => {
    await sayJournal(context, 'restoring it first')
    await restoreFoundKsm(context)
    checkAuditWritable(context.folders)
    await start()
  })
  return 0
}

async function sayJournal(context: ChangeContext, what: string): Promise<void> {
  const journal = await readJournal(context.folders, context.root)
  if (journal === undefined) return
  const since = new Date(journal.since).toISOString()
  context.log(
    `found a journal of KSM settings, left since ${since} by a helper that did not restore: ${what}`,
  )
}

/** One round is asked for by hand, so it does not wait for a window. */
function runScheduled(
  context: ChangeContext,
  command: GovernArgs,
  policy: ReturnType<typeof readPolicy>,
  io: CommandIo,
): Promise<void> {
  const record = command.recordPath === undefined ? undefined : startRecording(command.recordPath)
  const parts = {
    signal: io.signal,
    timeZone: hostTimeZone(),
    wallClock,
    onRest: (resting: PolicyRun['resting']) => resting && io.say(describeRest(resting)),
    sleep: (seconds: number, signal: AbortSignal) => sleep(seconds * 1000, signal),
  }
  return runInWindows(command.once ? undefined : policy.schedule, parts, async (signal) => {
    try {
      await runLoop(context, command, policy, { ...io, signal }, record)
    } finally {
      if (!command.dryRun && (await restoreFoundKsm(context)))
        io.say('KSM: the original settings are restored')
    }
  })
}

async function runLoop(
  context: ChangeContext,
  command: GovernArgs,
  policy: ReturnType<typeof readPolicy>,
  io: CommandIo,
  record: ReturnType<typeof startRecording> | undefined,
): Promise<void> {
  const host = new LiveHost(context, policy)
  let said: ReadonlySet<string> = new Set()
  const onRound = (round: Round) => {
    record?.(round.seen.scrub)
    const lines = new Set(describeRound(round))
    for (const line of lines) if (!said.has(line)) io.say(line)
    said = lines
    if (command.json) io.out(`${terminalJson(roundDocument(round, host.cpuSeconds(), wallClock()))}\n`)
  }
  try {
    if (!command.dryRun) await host.recoverAudit()
    await govern(host, {
      policy,
      dryRun: command.dryRun,
      once: command.once,
      signal: io.signal,
      ...(!command.dryRun && !command.once && { reserve: new ReserveKeeper(context, policy) }),
      onRound,
      onFailure: (problem) => io.say(`${problem.message}; goes on`),
      sleep: (seconds, signal) => sleep(seconds * 1000, signal),
    })
  } finally {
    host.close()
  }
}
