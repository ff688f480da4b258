// What the package says of its command follows from what the command itself says.
import { describe, expect, it } from 'vitest'
import { listCommands, listOptions, renderManPage } from './texts.ts'

describe('the texts of the package', () => {
  it('know every command of --help, and the words that follow', () => {
    const commands = listCommands()
    expect([...commands.keys()]).toEqual(
      expect.arrayContaining([
        'assess',
        'scrub',
        'ksm',
        'policy',
        'service',
        'experiment',
        'hosts',
        'report',
      ]),
    )
    expect(commands.get('ksm')).toEqual(
      expect.arrayContaining(['status', 'start', 'stop', 'restore', 'merge']),
    )
    expect(commands.get('assess')).toEqual([])
  })

  it('know its options', () => {
    expect(listOptions()).toEqual(
      expect.arrayContaining(['--json', '--yes', '--dry-run', '--help', '--version']),
    )
    expect(listOptions()).not.toContain('--')
  })

  it('write no line that roff would take for a request of its own', () => {
    const requests = /^\.(?:TH|SH|B|br|I|PP|nf|fi|TP)\b/
    const odd = renderManPage('1.2.3')
      .split('\n')
      .filter((line) => /^[.']/.test(line) && !requests.test(line))
    expect(odd).toEqual([])
  })
})
