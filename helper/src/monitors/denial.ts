// Why access to something of a guest is denied: its user, or the mandatory access control of the kernel.
import type { KernelRoot } from '../kernel/kernel-root.ts'
import { readSecurityLabel } from '../kernel/security-label.ts'

export interface Denial {
  readonly reason: string
  readonly remedy: string
}

/** What denied access to something of a process that runs as `uid`, for a message; both labels where there are any. */
export async function readDenial(root: KernelRoot, pid: number, uid: number): Promise<Denial> {
  if (process.geteuid?.() !== 0) {
    return { reason: 'permission denied', remedy: 'Run the helper as root, for example with sudo.' }
  }
  const [own, other] = [await readSecurityLabel(root, 'self'), await readSecurityLabel(root, pid)]
  const labels =
    own === undefined && other === undefined
      ? ''
      : `; the helper runs as ${own ?? 'unlabelled'}, the guest as ${other ?? 'unlabelled'}`
  if (uid !== 0) {
    return {
      reason: `permission denied to user ${uid}, whose rights count since the guest runs as that user${labels}`,
      remedy: `Let user ${uid} reach and write to that socket.`,
    }
  }
  if (labels === '') {
    const reason =
      'permission denied to root: a capability (CAP_DAC_OVERRIDE) or a security module withholds it'
    return {
      reason,
      remedy: 'Look at the capabilities of the helper and of the guest, and at the kernel log.',
    }
  }
  return {
    reason: `permission denied to root by the security module (sVirt: SELinux or AppArmor)${labels}`,
    remedy: 'The denial is in the audit log (ausearch -m avc) or the kernel log (apparmor="DENIED").',
  }
}
