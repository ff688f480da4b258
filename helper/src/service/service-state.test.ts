import { describe, expect, it } from 'vitest'
import { describeUnit } from './service-state.ts'
import { parseShown } from './systemd.ts'

const shown = (changes: string) =>
  parseShown(
    `LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\nUnitFileState=enabled\nMainPID=12\nStatusText=runs scrub adaptive\n${changes}`,
  )

describe('the unit as systemctl shows it', () => {
  it('runs', () => {
    expect(describeUnit(shown(''))).toEqual({
      state: 'running',
      note: 'runs scrub adaptive',
      enabled: true,
      pid: 12,
    })
  })

  it.each([
    ['ActiveState=failed\nSubState=failed\nResult=watchdog\nMainPID=0', 'failed', 'it ended with watchdog'],
    [
      'ActiveState=activating\nSubState=auto-restart\nResult=signal\nMainPID=0',
      'starting',
      'it ended with signal',
    ],
    ['ActiveState=inactive\nSubState=dead\nMainPID=0\nStatusText=', 'stopped', undefined],
    [
      'ActiveState=deactivating\nSubState=stop-sigterm\nStatusText=puts everything back',
      'stopping',
      'puts everything back',
    ],
    ['ActiveState=maintenance\nStatusText=', 'stopped', undefined],
  ])('%j', (changes, state, note) => {
    const names = changes.split('\n').map((line) => line.split('=')[0])
    const kept = `LoadState=loaded\nUnitFileState=disabled\nResult=success\nSubState=running`
      .split('\n')
      .filter((line) => !names.includes(line.split('=')[0]))
    const found = describeUnit(parseShown([...kept, changes].join('\n')))
    expect([found.state, found.note, found.enabled, found.pid]).toEqual([state, note, false, undefined])
  })
})
