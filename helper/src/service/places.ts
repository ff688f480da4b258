// Where the service lives on a host. One object, so that tests have another place.
import { join } from 'node:path'
import type { StateFolders } from '../changes/state-folders.ts'

export interface ServicePlaces {
  readonly folders: StateFolders
  readonly unit: string
  readonly policyFolder: string
  readonly policy: string
  /** The policy that was stopped on request: read by nobody, for people. */
  readonly stoppedPolicy: string
  /** A policy file that could not be used: read by nobody, for people to mend. */
  readonly brokenPolicy: string
  /** The last policy that could be used. */
  readonly lastPolicy: string
  /** Who set the policy through the service, and when. */
  readonly policyOrigin: string
  readonly socket: string
  /** There while an upgrade replaces the program: what is changed is handed over. */
  readonly handOver: string
  /** What was installed, and what was before. */
  readonly record: string
  /**
   * Where programs may lie, best first; a folder whose parent is missing is left out. SELinux lets units run what lies
   * in libexec and lib, and not what lies in /var/lib.
   */
  readonly programFolders: readonly string[]
}

/** Every path that the service uses. The environment names another policy folder in tests. */
export function servicePlaces(
  folders: StateFolders,
  environment: Readonly<Record<string, string | undefined>> = {},
): ServicePlaces {
  const policyFolder = environment.SINGLETON_CONFIG_DIR || '/etc/singleton-helper'
  return {
    folders,
    unit: '/etc/systemd/system/singleton-helper.service',
    policyFolder,
    policy: join(policyFolder, 'policy.json'),
    stoppedPolicy: join(policyFolder, 'policy.stopped.json'),
    brokenPolicy: join(policyFolder, 'policy.broken.json'),
    lastPolicy: join(folders.state, 'service-policy.json'),
    policyOrigin: join(folders.state, 'service-policy-origin.json'),
    socket: join(folders.run, 'socket'),
    handOver: join(folders.run, 'hand-over'),
    record: join(folders.state, 'service.json'),
    programFolders: [
      '/usr/local/libexec/singleton-helper',
      '/usr/local/lib/singleton-helper',
      join(folders.state, 'service'),
    ],
  }
}
