// How a burst of KSM stands, in words, the same on every screen and in every terminal.
import type { KsmBurst } from '../contract/ksm.ts'
import { formatBytes, formatCount, formatSeconds } from '../units.ts'

/** One sentence: the state, and the figures that belong to it as far as they are known. */
export function describeKsmBurst(burst: KsmBurst): string {
  const passes = describePasses(burst.wholePasses)
  switch (burst.state) {
    case 'running':
      return `burst running (${passes}${share(burst, ', ')}); it ends when the measured potential is freed or a pass frees nothing`
    case 'measuring':
      return `burst: scanning has ended after ${passes}; measuring what is left`
    case 'realised':
      return `realised after ${passes}${share(burst, ': ')}; what is merged stays${details(burst)}`
    case 'exhausted':
      return `exhausted after ${passes}${because(burst)}${share(burst, ': ')}${left(burst)}; what is merged stays${details(burst)}`
    case 'given-up':
      return `given up after ${passes}${because(burst)}${share(burst, ': ')}${left(burst)}; what is merged stays${details(burst)}`
    case 'not-worth-it':
      return `no burst: merging would free ${optionalBytes(burst.potentialBytes)}, less than the threshold of ${optionalBytes(burst.thresholdBytes)}`
    case 'stopped':
      return `burst stopped early, after ${passes}${share(burst, ': ')}`
    case 'unwatched':
      return `burst running (${passes}), but the helper that would end it is gone: stop KSM`
  }
}

/** Further lines: passes that brought nothing, huge pages, reasons for what is left. */
export function describeBurstDetails({
  voidPasses = 0,
  voidCpuSeconds,
  hugePages,
  reasons = [],
}: KsmBurst): string[] {
  const lines: string[] = []
  if (voidPasses > 0) {
    const cost = voidCpuSeconds === undefined ? '' : ` (${formatSeconds(voidCpuSeconds)} of ksmd's CPU)`
    lines.push(`${describePasses(voidPasses)} could compare nothing${cost} and do not count`)
  }
  if (hugePages !== undefined) lines.push(describeHugePages(hugePages))
  return [...lines, ...reasons]
}

function describeHugePages(pages: NonNullable<KsmBurst['hugePages']>): string {
  const { beforeBytes, afterMergingBytes, afterGivingBackBytes, givenBackBytes } = pages
  const merged = `huge pages: ${formatBytes(beforeBytes)} before, ${formatBytes(afterMergingBytes)} after merging`
  if (afterGivingBackBytes === undefined || givenBackBytes === undefined) return merged
  const took = [
    [pages.givingBackSeconds, ''],
    [pages.givingBackCpuSeconds, ' of CPU'],
  ] as const
  const times = took.flatMap(([value, what]) => (value === undefined ? [] : `${formatSeconds(value)}${what}`))
  const how = times.length === 0 ? '' : ` in ${times.join(', ')}`
  return `${merged}, ${formatBytes(afterGivingBackBytes)} after giving back ${formatBytes(givenBackBytes)}${how}`
}

function describePasses(passes: number): string {
  return passes === 1 ? '1 whole pass' : `${formatCount(passes)} whole passes`
}

/** "freed 1.2 GiB of 4.7 GiB (26 %)" */
function share({ freedBytes, potentialBytes }: KsmBurst, before: string): string {
  if (freedBytes === undefined || potentialBytes === undefined || potentialBytes === 0) return ''
  const percent = Math.floor((100 * freedBytes) / potentialBytes)
  return `${before}freed ${formatBytes(freedBytes)} of ${formatBytes(potentialBytes)} (${percent} %)`
}

function because({ cause }: KsmBurst): string {
  return cause === undefined ? '' : ` (${cause})`
}

function left({ leftBytes }: KsmBurst): string {
  return leftBytes === undefined ? '' : `, ${formatBytes(leftBytes)} left`
}

function details({ voidPasses = 0 }: KsmBurst): string {
  return voidPasses === 0 ? '' : `; ${describePasses(voidPasses)} could compare nothing`
}

function optionalBytes(value: number | undefined): string {
  return value === undefined ? 'an unknown amount' : formatBytes(value)
}
