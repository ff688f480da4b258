import { describe, expect, it } from 'vitest'
import { findMonitorAddress } from './monitor-address.ts'

const uuid = '6a1f0a52-8f5b-4c6d-9d0e-2f1f6f1a7a10'

describe('findMonitorAddress', () => {
  it.each([
    ['-qmp unix:/run/a.qmp,server=on,wait=off', ['/run/a.qmp']],
    ['-qmp unix:/run/a.qmp,server,nowait', ['/run/a.qmp']],
    ['-qmp-pretty unix:rel.qmp,server=on', ['rel.qmp']],
    ['--qmp unix:/run/a,,b,server=on', ['/run/a,b']],
    // Proxmox VE: a control socket, and a channel on which QEMU is the client.
    [
      '-chardev socket,id=qmp,path=/var/run/qemu-server/100.qmp,server=on,wait=off -mon chardev=qmp,mode=control ' +
        '-chardev socket,id=qmp-event,path=/var/run/qmeventd.sock,reconnect=5 -mon chardev=qmp-event,mode=control',
      ['/var/run/qemu-server/100.qmp'],
    ],
    ['-chardev socket,id=m,path=/m,server=on -mon m,mode=control', ['/m']],
  ])('finds the sockets of %s', (line, paths) => {
    expect(findMonitorAddress(line.split(' '), 'g')).toEqual({ kind: 'sockets', paths })
  })

  it.each([
    ['nothing', '-m 1G'],
    ['a client', '-qmp unix:/run/a.qmp'],
    ['TCP', '-qmp tcp:127.0.0.1:4444,server=on'],
    ['an abstract socket', '-chardev socket,id=m,path=a,abstract=on,server=on -mon m,mode=control'],
    ['a monitor for people', '-chardev socket,id=m,path=/m,server=on -mon chardev=m,mode=readline'],
    ['a serial line', '-chardev socket,id=s,path=/s,server=on -serial chardev:s'],
    ['standard input', '-qmp stdio'],
  ])('takes %s for no monitor', (_, line) => {
    expect(findMonitorAddress(line.split(' '), 'g')).toEqual({ kind: 'none' })
  })

  it('leaves guests of libvirt to libvirt, by UUID', () => {
    const args = `-name guest=db1,debug-threads=on -uuid ${uuid} -chardev socket,id=charmonitor,fd=22,server=on,wait=off -mon chardev=charmonitor,id=monitor,mode=control`
    expect(findMonitorAddress(args.split(' '), 'db1')).toEqual({ kind: 'libvirt', domain: uuid })
  })

  it('falls back to the name where the UUID is none', () => {
    const args =
      '-uuid x;reboot -chardev socket,id=charmonitor,path=/m,server=on -mon chardev=charmonitor,mode=control'
    expect(findMonitorAddress(args.split(' '), 'db1')).toEqual({ kind: 'libvirt', domain: 'db1' })
  })
})
