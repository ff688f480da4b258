// Guests started by a libvirt that runs inside the lab host, apart from the machine's own.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInside, runInsideOk } from './namespace.ts'
import type { SmallGuestPlan } from './options.ts'
import { type GuestFiles, type HostPlace, kernelCommandLine } from './plain-guest.ts'

/** Starts virtlogd and libvirtd and waits until virsh gets an answer. */
export async function startLibvirt(host: HostPlace): Promise<void> {
  // Without a network namespace of its own it could change the machine's bridges and firewall.
  await runInsideOk(host.initPid, 'virtlogd -d && unshare --net libvirtd -d', { cgroups: host.cgroups })
  for (let attempt = 0; ; attempt++) {
    const answer = await runInside(host.initPid, 'virsh -c qemu:///system version', { timeoutMs: 30_000 })
    if (answer.code === 0) return
    if (attempt > 300) throw new Error(`cannot reach libvirtd in a lab host: ${answer.stderr.trim()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Starts a guest and returns its pid inside the lab host. */
export async function startLibvirtGuest(
  guest: SmallGuestPlan,
  files: GuestFiles,
  host: HostPlace,
): Promise<number> {
  const definition = join(host.folder, 'guests', `${guest.name}.xml`)
  writeFileSync(definition, domainXml(guest, files))
  const virsh = 'virsh -q -c qemu:///system'
  await runInsideOk(host.initPid, `${virsh} define '${definition}' && ${virsh} start '${guest.name}'`)
  return Number(await runInsideOk(host.initPid, `cat '/run/libvirt/qemu/${guest.name}.pid'`))
}

export function domainXml(guest: SmallGuestPlan, files: GuestFiles): string {
  const sharing = guest.memMerge ? '' : '<memoryBacking><nosharepages/></memoryBacking>'
  return `<domain type='qemu'>
  <name>${escapeXml(guest.name)}</name>
  <memory unit='MiB'>${guest.ramMiB}</memory>
  ${sharing}
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>${escapeXml(files.boot.kernel)}</kernel>
    <initrd>${escapeXml(files.boot.initramfs)}</initrd>
    <cmdline>${escapeXml(kernelCommandLine(guest))}</cmdline>
  </os>
  <features><acpi/><tcg><tb-cache unit='MiB'>64</tb-cache></tcg></features>
  <on_reboot>destroy</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='${guest.format}' cache='${guest.cacheMode}' io='${guest.aio}'/>
      <source file='${escapeXml(files.image)}'/>
      <target dev='vda' bus='virtio'/>
      <serial>lab-data</serial>
    </disk>
    ${toolsDisk(files.tools)}
    <controller type='usb' model='none'/>
    <serial type='unix'>
      <source mode='bind' path='${escapeXml(files.serialSocket)}'/>
      <log file='${escapeXml(files.serialLog)}' append='off'/>
      <target port='0'/>
    </serial>
    <memballoon model='virtio'/>
  </devices>
</domain>
`
}

function toolsDisk(image: string | undefined): string {
  if (!image) return ''
  return `<disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='${escapeXml(image)}'/>
      <target dev='vdb' bus='virtio'/>
      <serial>lab-tools</serial>
      <readonly/>
    </disk>`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;')
}
