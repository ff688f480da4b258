import { describe, expect, it } from 'vitest'
import { guestName, namesDisk, remoteDiskDrivers, turnsMergingOff } from './qemu-command-line.ts'
import { explainRemoteDisks } from './remote-disks.ts'

describe('guestName', () => {
  it.each([
    [['qemu', '-name', 'guest=web,debug-threads=on'], 'web'],
    [['qemu', '-name', 'web'], 'web'],
    [['qemu', '--name', 'web,process=x'], 'web'],
    [['qemu', '-name', 'guest=a,,b'], 'a,b'],
    [['qemu', '-name', 'guest=a,,,process=b'], 'a,'],
    [['qemu', '-name', 'process=b,guest=,,,,a'], ',,a'],
    [['qemu', '-name', 'debug-threads=on'], undefined],
    [['qemu', '-name'], undefined],
    [['qemu'], undefined],
  ])('of %j is %s', (args, expected) => {
    expect(guestName(args)).toBe(expected)
  })
})

describe('turnsMergingOff', () => {
  it.each([
    [['-machine', 'q35,mem-merge=off'], true],
    [['-M', 'type=q35,mem-merge=no'], true],
    [['-machine', 'q35,accel=kvm'], false],
    [['-machine', 'q35,mem-merge=on'], false],
    [['-machine', 'q35', '-machine', 'mem-merge=off'], true],
    [['-machine', 'mem-merge=off', '-machine', 'mem-merge=on'], false],
    [['-name', 'mem-merge=off'], false],
    [[], false],
  ])('%j: %s', (args, expected) => {
    expect(turnsMergingOff(args)).toBe(expected)
  })
})

describe('namesDisk', () => {
  it.each([
    [['-drive', 'file=/a.raw,if=none'], '/a.raw', true],
    [['-blockdev', '{"driver":"file","filename":"/a.raw"}'], '/a.raw', true],
    [['-drive', 'file=/a,,b.raw'], '/a,b.raw', true],
    [['-pidfile', '/a.raw'], '/a.raw', false],
    [['-serial', 'file:/a.raw'], '/a.raw', false],
  ])('%j and %s: %s', (args, path, expected) => {
    expect(namesDisk(args, path)).toBe(expected)
  })
})

describe('remoteDiskDrivers', () => {
  it.each([
    [['-drive', 'file=nbd:10.0.0.1:10809,if=virtio'], ['nbd']],
    [['-drive', 'file=nbd+unix:///web?socket=/run/nbd.sock,format=raw'], ['nbd']],
    [['-hda', 'rbd:pool/web:conf=/etc/ceph/ceph.conf'], ['rbd']],
    [['-drive', 'driver=raw,file.driver=rbd,file.pool=p,file.image=web'], ['rbd']],
    [
      [
        '-blockdev',
        '{"driver":"qcow2","file":{"driver":"nbd","server":{"type":"inet","host":"h","port":"1"}}}',
      ],
      ['nbd'],
    ],
    [['-drive', 'file=json:{"driver":"https"\\,"url":"https://h/a.iso"},if=ide'], ['https']],
    [['-blockdev', 'driver=nvme,device=0000:01:00.0,namespace=1,node-name=d'], ['nvme']],
    [['-blockdev', '{"driver":"file","filename":"/nbd:/web.img","node-name":"f"}'], []],
    [['-drive', 'file=/images/nbd,if=virtio'], []],
    [['-chardev', 'socket,id=nbd,path=/a'], []],
  ])('of %j are %j', (args, expected) => {
    expect(remoteDiskDrivers(args)).toEqual(expected)
  })
})

describe('explainRemoteDisks', () => {
  const text = (args: string[], hasImages = false) =>
    explainRemoteDisks({ args }, hasImages).map((reason) => reason.text)

  it('is one line for a guest that has network disks only', () => {
    const args = ['-drive', 'file=nbd:h:1', '-drive', 'file=rbd:p/i', '-drive', 'file=nbd:h:2']
    expect(text(args)).toEqual([
      'its disks are not files or devices of this host (nbd, rbd): the page cache holds nothing of them',
    ])
  })

  it('says that some are, beside disks of this host', () => {
    expect(text(['-drive', 'file=rbd:p/i', '-drive', 'file=/a.raw'], true)).toEqual([
      'some of its disks are not files or devices of this host (rbd): the page cache holds nothing of them',
    ])
  })

  it('finds nothing to explain in guests without disks and with an empty drive', () => {
    expect(text(['-m', '256', '-kernel', '/vmlinuz'])).toEqual([])
    expect(text(['-drive', 'if=ide,media=cdrom'])).toEqual([])
    expect(text(['-drive', 'if=ide,media=cdrom,readonly'])).toEqual([])
    expect(text(['-drive', '/gone.raw,media=cdrom'])).toHaveLength(1)
    expect(text(['-drive', 'file=/a.raw,if=virtio'], true)).toEqual([])
  })

  it.each([
    ['-device vhost-user-blk-pci,chardev=c', 'vhost-user-blk-pci'],
    ['-device {"driver":"vhost-user-fs-pci","chardev":"c","tag":"root"}', 'vhost-user-fs-pci'],
    ['-device vhost-scsi-pci,wwpn=naa.5001405bd4e8476d', 'vhost-scsi-pci'],
  ])('says that another program serves the disks of %s', (line, device) => {
    expect(text(line.split(' '))).toEqual([
      `another program serves disks of it (${device}): what the page cache holds of them is not looked at`,
    ])
    expect(text(['-device', 'vhost-user-gpu-pci,chardev=c', '-device', 'virtio-blk-pci,drive=d'])).toEqual([])
  })

  it('explains disks of kinds that it does not know', () => {
    expect(text(['-drive', 'driver=new-protocol,host=h'])).toHaveLength(1)
  })
})
