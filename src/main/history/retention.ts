import type { HistoryRetention } from '../../shared/contract/index.ts'
import { withValue } from '../../shared/with-value.ts'
import { eventsKeptMs, levels } from './history-schema.ts'

/** For how long history is kept, by the table that it is kept by. */
export const historyRetention: HistoryRetention = {
  levels: levels.map(({ stepMs, keptMs }) => ({
    ...withValue({ stepSeconds: stepMs === 0 ? undefined : stepMs / 1000 }),
    keptSeconds: keptMs / 1000,
  })),
  eventsKeptSeconds: eventsKeptMs / 1000,
}
