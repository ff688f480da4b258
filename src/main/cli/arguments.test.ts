import { describe, expect, it } from 'vitest'
import { parseCommand } from './arguments.ts'

const parse = (line: string) => parseCommand(line.split(' ').filter((word) => word !== ''))

const report = { kind: 'report', recorded: false }

const asked = { kind: 'compare', rangeMs: 86_400_000, json: false }

describe('parseCommand', () => {
  it.each([
    ['', { kind: 'help' }],
    ['--help', { kind: 'help' }],
    ['assess --help', { kind: 'help' }],
    ['--version', { kind: 'version' }],
    ['assess local', { kind: 'assess', hosts: ['local'], json: false }],
    ['assess a b a --json', { kind: 'assess', hosts: ['a', 'b'], json: true }],
    [
      'scrub --dry-run local --image /a --image /b',
      { kind: 'scrub', hosts: ['local'], dryRun: true, images: ['/a', '/b'], yes: false, json: false },
    ],
    ['ksm start -y a', { kind: 'ksm', act: 'start', hosts: ['a'], yes: true, json: false }],
    [
      'ksm merge db1 off a -y',
      { kind: 'merge', guest: 'db1', merge: false, hosts: ['a'], yes: true, json: false },
    ],
    [
      'policy status a b --json',
      { kind: 'policy', act: 'status', hosts: ['a', 'b'], json: true, yes: false, replace: false },
    ],
    [
      'policy start a --policy p.json --for 15m --replace -y',
      {
        kind: 'policy',
        act: 'start',
        hosts: ['a'],
        policyPath: 'p.json',
        forSeconds: 900,
        json: false,
        yes: true,
        replace: true,
      },
    ],
    [
      'service install a b --policy p.json --replace -y',
      {
        kind: 'service',
        act: 'install',
        hosts: ['a', 'b'],
        policyPath: 'p.json',
        json: false,
        yes: true,
        replace: true,
      },
    ],
    [
      'service status a --json',
      { kind: 'service', act: 'status', hosts: ['a'], json: true, yes: false, replace: false },
    ],
    ['hosts list', { kind: 'hosts-list', json: false }],
    ['hosts add root@a:22 --name alpha', { kind: 'hosts-add', address: 'root@a:22', name: 'alpha' }],
    ['hosts remove alpha', { kind: 'hosts-remove', host: 'alpha' }],
    ['hosts uninstall a root@b --yes', { kind: 'uninstall', hosts: ['a', 'root@b'], yes: true }],
    [
      'compare a b --metric hitRatio --per baseline',
      { ...asked, hosts: ['a', 'b'], metric: 'hitRatio', per: 'baseline' },
    ],
    [
      'compare a --metric mergedBytes --moment 2026-11-29T10:00Z --range 7d --json',
      {
        ...asked,
        hosts: ['a'],
        metric: 'mergedBytes',
        per: 'host',
        moment: Date.UTC(2026, 10, 29, 10),
        rangeMs: 7 * 86_400_000,
        json: true,
      },
    ],
    ['map a --out m.png --quick', { kind: 'map', host: 'a', out: 'm.png', contents: false }],
    ['forecast a b --json', { kind: 'forecast', hosts: ['a', 'b'], json: true, yes: false }],
    ['report --out x.csv', { ...report, out: 'x.csv', format: 'csv', hosts: [] }],
    ['report --template week --out x', { ...report, out: 'x', template: 'week', hosts: [] }],
    ['report a --out x.html', { ...report, out: 'x.html', format: 'html', hosts: ['a'] }],
    [
      'report a --format pdf --range 30d --recorded --out x',
      { ...report, out: 'x', format: 'pdf', hosts: ['a'], rangeMs: 30 * 86_400_000, recorded: true },
    ],
  ])('%s', (line, expected) => {
    expect(parse(line)).toEqual(expected)
  })

  it('reads the stages of a roll-out and its waits', () => {
    expect(parse('policy rollout a b --policy p.json --stages 2,100% --wait 5m --for 1h --json')).toEqual({
      kind: 'rollout',
      hosts: ['a', 'b'],
      json: true,
      yes: false,
      policyPath: 'p.json',
      stages: ['2', '100%'],
      waitSeconds: 300,
      forSeconds: 3600,
    })
    expect(parse('policy rollout a')).toMatchObject({ stages: ['1', '25%', '100%'], waitSeconds: 60 })
  })

  it.each([
    'bogus',
    'hosts uninstall',
    'ksm merge a',
    'policy',
    'policy fly a',
    'service',
    'service fly a',
    'service remove a --policy p.json',
    'service status a --for 5s',
    'service install a --replace',
    'policy stop a --replace',
    'policy rollout a --replace',
    'policy start',
    'policy status a --policy p.json',
    'policy rollout',
    'policy rollout a --stages 0',
    'policy rollout a --stages 1,120%',
    'policy rollout a --wait soon',
    'policy start a --stages 1',
    'policy stop a --wait 5s',
    'policy stop a --for 5s',
    'policy start a --for soon',
    'ksm merge a maybe host',
    'ksm merge a on',
    'assess',
    'assess local --dry-run',
    'scrub',
    'ksm',
    'ksm fly local',
    'ksm start',
    'hosts',
    'hosts add',
    'hosts add a b',
    'hosts list extra',
    'report',
    'compare a',
    'compare --metric hitRatio',
    'compare a --metric nonsense',
    'compare a --metric hitRatio --per guest',
    'compare a b --metric hitRatio --moment 2026-11-29T10:00Z',
    'compare a --metric hitRatio --moment never',
    'compare a --metric hitRatio --from 2026-11-29 --to 2026-11-28',
    'map a b --out m.png',
    'map a --out m.jpg',
    'forecast a',
    'forecast a a',
    'report --out x.doc',
    'report --template week --format doc --out x',
    'report --out x.pdf --range 7w',
    'report --out x.pdf --range 400d',
    'assess local --nonsense',
  ])('refuses "%s"', (line) => {
    expect(() => parse(line)).toThrow(/cannot read the command line/)
  })
})
