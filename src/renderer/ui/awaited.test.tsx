import { MantineProvider } from '@mantine/core'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { ProblemData } from '../../shared/problem.ts'
import { withValue } from '../../shared/with-value.ts'
import { Awaited } from './Awaited.tsx'
import { formatMoment } from './moments.ts'
import { UnderWay } from './UnderWay.tsx'

const problem: ProblemData = { code: 'timed-out', message: 'no answer within 60 s', remedy: 'Try again.' }

function draw(value: readonly string[] | undefined, why?: ProblemData, readAt?: number): string {
  return renderToStaticMarkup(
    <MantineProvider>
      <Awaited
        answer={{ value, problem: why, ...withValue({ readAt }) }}
        attempt="List the fruit"
        reading="the fruit"
      >
        {(fruit) => <p>{fruit.length === 0 ? 'There is no fruit.' : fruit.join()}</p>}
      </Awaited>
    </MantineProvider>,
  )
}

describe('what is awaited', () => {
  it('says that it is being read, and not that there is none', () => {
    expect(draw(undefined)).toContain('Reading the fruit')
    expect(draw(undefined)).not.toContain('There is no fruit')
  })

  it('says that there is none only when that is known', () => {
    expect(draw([])).toContain('There is no fruit')
    expect(draw([])).not.toContain('Reading')
  })

  it('says why it cannot be read, and the way out', () => {
    const drawn = draw(undefined, problem)
    expect(drawn).toContain('List the fruit')
    expect(drawn).toContain('no answer within 60 s')
    expect(drawn).toContain('Try again.')
    expect(drawn).not.toContain('There is no fruit')
  })

  it('keeps what was read before a failure, and says that it may be old', () => {
    const drawn = draw(['apple'], problem)
    expect(drawn).toContain('apple')
    expect(drawn).toContain('may be old')
    expect(drawn).toContain('no answer within 60 s')
  })

  it('says of when it is, where that is known', () => {
    const readAt = Date.UTC(2026, 10, 30, 20, 5)
    expect(draw(['apple'], problem, readAt)).toContain(`read at ${formatMoment(readAt)} and may be old`)
    expect(draw(['apple'], problem)).toContain('read earlier and may be old')
    expect(draw(['apple'], undefined, readAt)).not.toContain('may be old')
  })
})

it('says how far an act is, and offers to stop it', () => {
  const drawn = renderToStaticMarkup(
    <MantineProvider>
      <UnderWay step="reading history" fraction={0.25} onCancel={() => undefined} />
    </MantineProvider>,
  )
  expect(drawn).toContain('reading history, 25 %')
  expect(drawn).toContain('Cancel')
})
