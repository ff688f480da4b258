// Trials: where too little is known to tell whether evicting a stream saves reads, it is tried. A stream that its own guest
// hits pays for that: a while has to show a gain, else it is left alone, for longer each time.

/** A policy that costs has found out within its first minute. */
const trialSeconds = 30
const restSeconds = 60

export interface Trial {
  /** Undefined: none is under way. */
  readonly sinceSeconds: number | undefined
  readonly notBeforeSeconds: number
  /** In a row. */
  readonly failures: number
}

export const noTrial: Trial = {
  sinceSeconds: undefined,
  notBeforeSeconds: Number.NEGATIVE_INFINITY,
  failures: 0,
}

export interface TrialStep {
  readonly trial: Trial
  /** Undefined: it may be tried now. */
  readonly reason: string | undefined
}

export interface Prospect {
  /** What is not known might be worth it. */
  readonly mayWin: boolean
  /** Something is lost in the meantime. */
  readonly costs: boolean
  readonly now: number
  readonly maxRestSeconds: number
}

/** Called while the estimate alone does not say that something is won. Pure. */
export function stepTrial(trial: Trial, { mayWin, costs, now, maxRestSeconds }: Prospect): TrialStep {
  const { sinceSeconds, notBeforeSeconds, failures } = trial
  const isOver = sinceSeconds !== undefined && costs && now - sinceSeconds > trialSeconds
  if (sinceSeconds !== undefined && (!mayWin || isOver)) {
    const rest = Math.min(maxRestSeconds, restSeconds * 2 ** failures)
    const tried = `tried for ${Math.round(now - sinceSeconds)} s`
    return {
      trial: { sinceSeconds: undefined, notBeforeSeconds: now + rest, failures: failures + 1 },
      reason: `${tried}, which saved too little: again in ${rest} s at the earliest`,
    }
  }
  if (!mayWin) return { trial, reason: 'nothing to win' }
  if (now < notBeforeSeconds)
    return { trial, reason: `tried in vain: again in ${Math.ceil(notBeforeSeconds - now)} s at the earliest` }
  return { trial: { ...trial, sinceSeconds: sinceSeconds ?? now }, reason: undefined }
}
