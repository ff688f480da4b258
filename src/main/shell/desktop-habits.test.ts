// The pure parts of what the desktop app adds around the window.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { entryOf, topPages } from '../../renderer/model/page-table.ts'
import type { ExperimentSummary, HostView, Rollout, SavedHost } from '../../shared/contract/index.ts'
import { findDeepLink, pageOfLink } from './deep-link.ts'
import { type DownloadingSession, rememberFolder } from './downloads.ts'
import { describeFleet } from './fleet-line.ts'
import { openLogFile } from './log-file.ts'
import { menuPages, menuTemplate } from './menu.ts'
import { keepWindowState, onAScreen, readWindowState } from './window-state.ts'
import { describeWork, shorten } from './work-under-way.ts'

const folder = mkdtempSync(join(tmpdir(), 'singleton-habits-'))
afterAll(() => rmSync(folder, { recursive: true }))

const saved: SavedHost = { id: 'id 1', name: 'web-3', address: 'web-3', mode: 'observe', tags: [] }

describe('links from outside', () => {
  it.each([
    ['singleton://host/web-3', '#/host/id%201'],
    ['singleton://host/id%201', '#/host/id%201'],
    ['singleton://host/web-3/', '#/host/id%201'],
    ['singleton://host/nobody', '#/'],
    ['singleton://host/%E0%A4%A', '#/'],
    ['singleton://host/web-3/../../etc', '#/'],
    ['singleton://policy/start', '#/'],
    ['singleton://host/web-3#/audit', '#/'],
    ['https://host/web-3', '#/'],
  ])('%s leads to %s', (link, page) => {
    expect(pageOfLink(link, [saved])).toBe(page)
  })

  it('are found among arguments, and never where they are too long to be one', () => {
    expect(findDeepLink(['.', '--flag', 'singleton://host/a'])).toBe('singleton://host/a')
    expect(findDeepLink(['.', `singleton://host/${'a'.repeat(600)}`])).toBeUndefined()
  })
})

describe('the window', () => {
  const path = join(folder, 'window.json')
  const bounds = { x: 10, y: 20, width: 1280, height: 860 }
  const screen = { x: 0, y: 0, width: 1920, height: 1080 }

  it('comes back where it was', () => {
    keepWindowState(path, { bounds, isMaximized: true })
    expect(readWindowState(path)).toEqual({ bounds, isMaximized: true })
    expect(onAScreen(bounds, [screen])).toEqual(bounds)
  })

  it.each(['', '{', '{"bounds":{"x":"a"}}', '[]'])('starts anew where %j was kept', (text) => {
    writeFileSync(path, text)
    expect(readWindowState(path)).toBeUndefined()
  })

  it.each([{ x: 1900 }, { x: -1250 }, { y: -30 }, { y: 1060 }])(
    'is not put where nobody can grasp it: %j',
    (to) => {
      expect(onAScreen({ ...bounds, ...to }, [screen])).toBeUndefined()
    },
  )
})

describe('the menu', () => {
  const acts = {
    show: vi.fn(),
    openLogFolder: vi.fn(),
    openCrashFolder: vi.fn(),
    theme: 'dark' as const,
    useTheme: vi.fn(),
  }

  it('has every page of the top bar', () => {
    expect(menuPages).toEqual(topPages.map((id) => [entryOf(id).title, entryOf(id).path]))
  })

  it.each([
    ['linux', false],
    ['win32', false],
    ['darwin', true],
  ] as const)('of %s has a menu of the app: %s', (platform, hasAppMenu) => {
    const roles = menuTemplate(platform, acts).map(({ role }) => role)
    expect(roles.includes('appMenu')).toBe(hasAppMenu)
  })
})

describe('what is under way', () => {
  const host = { ...saved, name: 'web\u202e-3' }
  const task = { id: '1', hostId: saved.id, title: 'Assess', startedAt: 0 }
  const session = { id: 'run', mode: 'session', since: 0, scrub: 'adaptive', ksm: 'govern' } as const

  it.each<[string, Pick<HostView, 'tasks' | 'policy'>, string[]]>([
    ['nothing', { tasks: [] }, []],
    ['connecting, which nobody misses', { tasks: [{ ...task, kind: 'connect' }] }, []],
    ['an act', { tasks: [{ ...task, kind: 'assess' }] }, ['web-3: Assess']],
    [
      'a policy of the session',
      { tasks: [], policy: session },
      ['web-3: its policy, which ends with this session'],
    ],
    ['a policy of the service, which stays', { tasks: [], policy: { ...session, mode: 'service' } }, []],
  ])('%s', (_what, shown, lines) => {
    expect(describeWork([{ host, ...shown }], [], [])).toEqual(lines)
  })

  it('names roll-outs that run', () => {
    const plan = { policyName: 'night' } as Rollout['plan']
    expect(
      describeWork(
        [],
        [
          { plan, state: 'running' },
          { plan, state: 'done' },
        ],
        [],
      ),
    ).toEqual(['Roll-out of night: it goes on at the next start'])
  })

  it('names experiments of this workbench that run, and none that rest or are the command line’s', () => {
    const plan = { title: 'KSM at night' } as ExperimentSummary['plan']
    const own = { plan, workbench: 'workbench' } as const
    const lines = describeWork(
      [],
      [],
      [
        { ...own, state: 'running' },
        { ...own, state: 'paused' },
        { ...own, state: 'done' },
        { plan, workbench: 'command line', state: 'running' },
      ],
    )
    expect(lines).toEqual(['Experiment KSM at night: it goes on at the next start'])
  })

  it('fits into a question', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `host ${index}`)
    expect(shorten(lines).split('\n')).toHaveLength(9)
    expect(shorten(lines)).toContain('and 12 more')
  })
})

describe('the tray', () => {
  const shown = (state: 'connected' | 'waiting', tasks: HostView['tasks'] = []) => ({
    connection:
      state === 'connected'
        ? ({ state, since: 0 } as const)
        : ({ state, since: 0, retryAt: 1, problem: { code: 'unreachable', message: 'no' } } as const),
    tasks,
  })

  it('says how the fleet is', () => {
    expect(describeFleet([])).toBe('No hosts yet')
    expect(describeFleet([shown('connected'), shown('waiting')])).toBe(
      '1 of 2 hosts connected, 1 with a problem',
    )
    const task = { id: '1', hostId: 'a', kind: 'scrub', title: 'Scrub', startedAt: 0 } as const
    expect(describeFleet([shown('connected', [task])])).toBe('1 of 1 hosts connected, 1 at work')
  })
})

describe('saved files', () => {
  it('are offered in the folder that was used last', () => {
    let download: ((event: unknown, item: never) => void) | undefined
    const session = { on: (_event: string, listener: typeof download) => (download = listener) }
    rememberFolder(session as unknown as DownloadingSession, '/home/ada/Downloads')
    const offered: string[] = []
    const save = (path: string, state: string) =>
      download?.(undefined, {
        getFilename: () => 'report.html',
        getSavePath: () => path,
        setSaveDialogOptions: ({ defaultPath }: { defaultPath: string }) => offered.push(defaultPath),
        once: (_event: string, done: (event: unknown, state: string) => void) => done(undefined, state),
      } as never)
    save('/srv/reports/report.html', 'completed')
    save('/elsewhere/report.html', 'cancelled')
    save('/srv/reports/report.html', 'completed')
    expect(offered).toEqual([
      '/home/ada/Downloads/report.html',
      '/srv/reports/report.html',
      '/srv/reports/report.html',
    ])
  })
})

describe('the log', () => {
  it('keeps what is said, a line each, for its owner only, and never more than two files', () => {
    const print = console.error
    console.error = () => undefined
    try {
      const logs = openLogFile(folder)
      console.error('a host said\n\u001b[31mred')
      const path = join(logs, 'workbench.log')
      expect(readFileSync(path, 'utf8')).toMatch(/^\S+Z a host said.*red\n$/)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      writeFileSync(path, 'x'.repeat(1024 * 1024 + 1))
      console.error('the next')
      expect(readFileSync(path, 'utf8')).toMatch(/the next\n$/)
      expect(existsSync(`${path}.1`)).toBe(true)
    } finally {
      console.error = print
    }
  })
})
