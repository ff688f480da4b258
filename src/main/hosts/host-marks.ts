// What of two samples is worth a mark on the time axis. Pure.
import { type Mark, type Sample, shownTime } from '../../shared/contract/index.ts'
import { describeKsmBurst } from '../../shared/text/burst-text.ts'

/** Of a mark. */
export const maxTextLength = 512

/** `before` is the sample before it of the same helper: what happened while nobody looked has no instant. */
export function marksBetween(before: Sample | undefined, sample: Sample): Mark[] {
  if (before === undefined) return []
  const at = shownTime(sample)
  return [...guestMarks(before, sample), ...governorMarks(before, sample), ...ksmMarks(before, sample)].map(
    ({ kind, text }) => ({
      at,
      kind,
      text: text.slice(0, maxTextLength),
    }),
  )
}

type Text = Omit<Mark, 'at'>

function guestMarks(before: Sample, { guests }: Sample): Text[] {
  const pids = new Set(guests.map(({ pid }) => pid))
  const known = new Set(before.guests.map(({ pid }) => pid))
  const ended = before.guests.filter(({ pid }) => !pids.has(pid)).map(({ name }) => name)
  const started = guests.filter(({ pid }) => !known.has(pid)).map(({ name }) => name)
  return [...tell(ended, 'ended'), ...tell(started, 'started')].map((text) => ({
    kind: 'guest',
    text,
  }))
}

/** Beyond this, what befell several at once is told together: a host may start and end guests without an end. */
const mostApart = 8
const mostNamed = 4
const longestNamed = 64

function tell(names: readonly string[], what: string): string[] {
  if (names.length <= mostApart) return names.map((name) => `${name} ${what}`)
  const named = names.slice(0, mostNamed).map((name) => name.slice(0, longestNamed))
  return [`${names.length} guests ${what}: ${named.join(', ')} and ${names.length - mostNamed} more`]
}

/** Programs that set KSM's knobs as well, and would undo what was set by hand. */
function governorMarks(before: Sample, { ksm }: Sample): Text[] {
  if (!before.ksm || !ksm) return []
  const [then, now] = [before.ksm.governors, ksm.governors]
  return [
    ...then.filter((name) => !now.includes(name)).map((name) => `${name} no longer governs KSM`),
    ...now.filter((name) => !then.includes(name)).map((name) => `${name} governs KSM`),
  ]
    .slice(0, mostApart)
    .map((text) => ({ kind: 'burst', text }))
}

function ksmMarks(before: Sample, { ksm }: Sample): Text[] {
  const then = before.ksm
  if (!then || !ksm) return []
  const { burst } = ksm
  if (burst && (burst.since !== then.burst?.since || burst.state !== then.burst.state)) {
    return [{ kind: 'burst', text: `KSM: ${describeKsmBurst(burst)}` }]
  }
  if (then.settings.run === ksm.settings.run) return []
  return [{ kind: 'burst', text: ksm.settings.run === 1 ? 'KSM scans' : 'KSM has stopped scanning' }]
}
