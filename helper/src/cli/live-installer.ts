// The installer of the service on this machine, with the program that runs here.

import template from '../../../resources/singleton-helper.service' with { type: 'text' }
import { withValue } from '../../../src/shared/with-value.ts'
import type { ChangeContext } from '../changes/change.ts'
import { ServiceInstaller } from '../service/installer.ts'
import { servicePlaces } from '../service/places.ts'
import { liveSystemd } from '../service/systemd.ts'
import { buildDigest, version } from './build-facts.ts'

/** The installer of this host's systemd, of this very program. `handOver` as `InstallerParts` has it. */
export function liveInstaller(context: ChangeContext, handOver?: () => Promise<void>): ServiceInstaller {
  return new ServiceInstaller({
    context,
    places: servicePlaces(context.folders),
    systemd: liveSystemd,
    template,
    // Whatever has become of the file that it was started from.
    own: { version, buildDigest, path: '/proc/self/exe' },
    ...withValue({ handOver }),
  })
}
