import { describe, expect, it } from 'vitest'
import { findPluggable, measureRam } from './pluggable-memory.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const none = { virtioMem: [], maxBytes: 0 }
const device = { sizeBytes: 8 * GIB, requestedBytes: 0 }

describe('findPluggable', () => {
  it.each<[string, string[], ReturnType<typeof findPluggable>]>([
    ['a plain guest', ['-m', '256M'], none],
    ['maxmem without slots or devices', ['-m', '256M,maxmem=9G'], none],
    ['slots for DIMMs', ['-m', 'size=262144k,slots=16,maxmem=9437184k'], { ...none, maxBytes: 9 * GIB }],
    ['slots in another option', ['-m', 'slots=2,maxmem=2G', '-m', '512M'], { ...none, maxBytes: 2 * GIB }],
    [
      'virtio-mem as people spell it',
      [
        '-m',
        '256M,maxmem=9G',
        '-object',
        'memory-backend-ram,id=vmem0,size=8G',
        '-device',
        'virtio-mem-pci,memdev=vmem0',
      ],
      { ...none, virtioMem: [device] },
    ],
    [
      'virtio-mem as libvirt spells it',
      [
        ...[
          '-object',
          '{"qom-type":"memory-backend-ram","id":"memvirtiomem0","reserve":false,"size":8589934592}',
        ],
        ...[
          '-device',
          '{"driver":"virtio-mem-pci","requested-size":1073741824,"memdev":"memvirtiomem0","id":"virtiomem0"}',
        ],
      ],
      { ...none, virtioMem: [{ ...device, requestedBytes: GIB }] },
    ],
    [
      'sizes in hexadecimal',
      [
        ...['-object', 'memory-backend-ram,id=vmem0,size=0x200000000'],
        ...['-device', 'virtio-mem-pci,memdev=vmem0,requested-size=0x40000000'],
      ],
      { ...none, virtioMem: [{ ...device, requestedBytes: GIB }] },
    ],
    ['a device whose memory is not there', ['-device', 'virtio-mem-pci,memdev=gone'], none],
    ['what is no JSON', ['-object', '{"id":', '-device', '{', '-m', ''], none],
    ['sizes that are none', ['-m', 'x,slots=1,maxmem=-5'], none],
  ])('%s', (_what, args, expected) => {
    expect(findPluggable(args)).toEqual(expected)
  })
})

describe('measureRam', () => {
  const ram = { sizeBytes: 256 * MIB, presentBytes: 100 * MIB }
  const vmem = { sizeBytes: 8 * GIB, presentBytes: 0 }
  const withDevice = { ...none, virtioMem: [device] }
  it.each<[string, Parameters<typeof measureRam>, ReturnType<typeof measureRam>]>([
    ['RAM alone', [[ram], none], { ramBytes: 256 * MIB }],
    ['nothing plugged', [[ram, vmem], withDevice], { ramBytes: 256 * MIB, pluggableBytes: 8 * GIB }],
    [
      'plugged from the start',
      [[ram, vmem], { ...none, virtioMem: [{ ...device, requestedBytes: GIB }] }],
      { ramBytes: 256 * MIB + GIB, pluggableBytes: 7 * GIB },
    ],
    [
      'plugged since, as what it has touched tells',
      [[ram, { ...vmem, presentBytes: 2 * GIB }], withDevice],
      { ramBytes: 256 * MIB + 2 * GIB, pluggableBytes: 6 * GIB },
    ],
    [
      'all plugged',
      [[ram, { ...vmem, presentBytes: 8 * GIB }], withDevice],
      { ramBytes: 256 * MIB + 8 * GIB },
    ],
    [
      'RAM as large as the device: the one with less in it is the device',
      [[{ sizeBytes: 8 * GIB, presentBytes: GIB }, vmem], withDevice],
      { ramBytes: 8 * GIB, pluggableBytes: 8 * GIB },
    ],
    ['a device that is not mapped', [[ram], withDevice], { ramBytes: 256 * MIB }],
    [
      'slots for DIMMs, one plugged',
      [[ram, { sizeBytes: GIB, presentBytes: 0 }], { ...none, maxBytes: 9 * GIB }],
      { ramBytes: 256 * MIB + GIB, pluggableBytes: 9 * GIB - GIB - 256 * MIB },
    ],
  ])('%s', (_what, [blocks, pluggable], expected) => {
    expect(measureRam(blocks, pluggable)).toEqual(expected)
  })
})
