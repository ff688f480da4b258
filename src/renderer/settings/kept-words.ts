// What lies in each place of the data folder, and until when: in plain words. Pure.
import {
  type HistoryRetention,
  type KeptPlace,
  maxExportedReports,
  maxRollouts,
} from '../../shared/contract/index.ts'

interface KeptWords {
  readonly what: string
  readonly until: string
}

/** By its name in the data folder. */
export const keptWords: Readonly<Record<KeptPlace, KeptWords>> = {
  'hosts.json': {
    what: 'Hosts: addresses, names, tags, and whether changes are allowed. No passwords.',
    until: 'You remove the host.',
  },
  'history.sqlite': {
    what: 'History: figures over time, assessments, scrubs, decisions of policies.',
    until: 'As the table of history says, or you remove the host.',
  },
  'audit.jsonl': {
    what: 'Audit: every change that was made or refused, by whom, and what came of it.',
    until: 'For good: the workbench only appends to it.',
  },
  'policies.json': { what: 'Named policies with their versions.', until: 'You remove the policy.' },
  'rollouts.json': {
    what: 'Roll-outs of policies, and where they stand.',
    until: `${maxRollouts} newer ones are listed.`,
  },
  experiments: {
    what: 'Experiments with all that they measured.',
    until: 'You remove the experiment.',
  },
  'reports.json': {
    what: 'Which reports were exported, and how. The documents lie where you saved them.',
    until: `${maxExportedReports} newer ones are listed.`,
  },
  'report-templates.json': { what: 'Templates of reports.', until: 'You remove the template.' },
  'choices.json': {
    what: 'How pages look: light or dark, saved views, quiet hours, keys.',
    until: 'You choose something else.',
  },
  'secrets.json': {
    what: 'Passwords that you asked to be kept, encrypted.',
    until: 'You have them forgotten, or a host does not accept one.',
  },
  'updates.json': {
    what: 'The address that is asked for newer versions.',
    until: 'You choose to ask nobody.',
  },
  'window.json': { what: 'Where the window stood.', until: 'It stands elsewhere.' },
  logs: {
    what: 'Log of the desktop app.',
    until: 'It is full: two files of 1 MiB at most.',
  },
}

/** 36000 -> "10 hours"; from two days on in days. */
export function describeSpan(seconds: number): string {
  const hours = seconds / 3600
  if (hours < 48) return `${Number(hours.toFixed(1))} hours`
  return `${Math.round(hours / 24)} days`
}

/** Of one level of history: how far apart its values are. */
export function describeStep({ stepSeconds }: HistoryRetention['levels'][number]): string {
  if (stepSeconds === undefined) return 'each sample, taken every 2 s'
  return stepSeconds < 60 ? `${stepSeconds} s` : `${stepSeconds / 60} min`
}
