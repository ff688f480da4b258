// The command `forecast`: which guests would share pages if they lived on one host.
import { forecastQuestion } from '../../shared/contract/index.ts'
import { formatForecast } from '../../shared/text/forecast-text.ts'
import { terminalJson } from '../../shared/text/terminal.ts'
import { type CommandTools, confirm } from './command-tools.ts'
import { findTargets, onEachHost } from './each-host.ts'
import type { ForecastCommand } from './picture-arguments.ts'
import { describeProblem } from './terminal.ts'

/** Asks first. 1 where a host could not be asked; the forecast is of the others. */
export async function runForecast(
  { hosts, json, yes }: ForecastCommand,
  tools: CommandTools,
): Promise<number> {
  const { workbench, terminal, signal } = tools
  await confirm(`${forecastQuestion}\nMake it for ${hosts.join(', ')}?`, yes, tools)
  const targets = await findTargets(workbench.fleet, hosts, false)
  const answers = await onEachHost(workbench.fleet, targets, async () => undefined, tools)
  const failed = answers.filter(({ problem }) => problem !== undefined)
  for (const { address, problem } of failed)
    if (problem) terminal.warn(`${address}: ${describeProblem(problem)}`)
  const lost = new Set(failed.map(({ address }) => address))
  const hostIds = targets.filter(({ address }) => !lost.has(address)).map(({ hostId }) => hostId)
  const forecast = await workbench.handlers['forecast/make'](
    { hostIds },
    { signal, reportProgress: ({ step }) => terminal.showProgress(step) },
  )
  terminal.print(json ? terminalJson(forecast, 2) : formatForecast(forecast))
  return failed.length > 0 ? 1 : 0
}
