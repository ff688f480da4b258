import { expect, it } from 'vitest'
import { fakeSample } from '../../../test/fakes/fake-sample.ts'
import { experiment, maxExperimentGuests } from '../../shared/contract/index.ts'
import { measurePhase } from './phase-figures.ts'

const figuresSchema = experiment.shape.hosts.element.shape.phases.element.shape.figures

it('keeps of a host of many guests those that read most, so that the experiment can be kept', () => {
  const guests = (factor: number) =>
    Array.from({ length: 1024 }, (_, index) => ({
      pid: index + 1,
      name: `guest ${index}`,
      rssBytes: 1,
      rcharBytes: factor * index * 4096,
      readBytes: 0,
    }))
  const samples = [fakeSample({ at: 0, guests: guests(0) }), fakeSample({ at: 2000, guests: guests(1) })]
  const figures = measurePhase(samples)
  expect(figuresSchema.safeParse(figures).error?.issues).toBeUndefined()
  expect(figures.guests).toHaveLength(maxExperimentGuests)
  expect(figures.guests[0]).toMatchObject({ name: 'guest 1023', reads: 1023 })
  const few = measurePhase(samples.map((one) => ({ ...one, guests: one.guests.slice(0, 3) })))
  expect(few.guests.map(({ name }) => name)).toEqual(['guest 0', 'guest 1', 'guest 2'])
})
