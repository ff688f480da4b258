// The merge switch of a guest, by the helper that the workbench has put on its host.
import type { LabHost } from '../beds/lab/lab.ts'

/** What the workbench has put on the host, through another program where one is given. */
export function runDeployed(host: LabHost, args: string, through = '') {
  return host.exec(
    `program=$(echo /root/.cache/singleton-workbench/*/singleton-helper); exec ${through} "$program" ${args} --json`,
  )
}

/** The Problem, or undefined where it worked. */
export async function switchOff(host: LabHost, guest: string | undefined, through = '') {
  const result = await runDeployed(host, `ksm merge '${guest}' off`, through)
  if (result.code === 0) return undefined
  if (result.stdout === '') throw new Error(`cannot run the helper: ${result.stderr}`)
  return JSON.parse(result.stdout).problem
}
