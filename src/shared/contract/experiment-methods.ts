// What the page asks of experiments.
import { z } from 'zod'
import {
  experiment,
  experimentArm,
  experimentNaming,
  experimentOrder,
  experimentPreview,
  experimentSummaries,
  experimentSummary,
  shownExperiment,
} from './experiments.ts'
import { anyFile } from './files.ts'
import { method, nothing } from './method.ts'
import { reportFormat } from './reports.ts'

/** Part of the desktop contract. */
export const experimentMethods = {
  /** `off`, `adaptive`, `periodic:SECONDS` or a named policy, as an arm. */
  'experiments/arm': method('observe', z.object({ name: experimentArm.shape.name }), experimentArm),
  /** How long it takes, what it changes when and what that may cost; hosts that cannot take part say why. */
  'experiments/plan': method('observe', experimentOrder, experimentPreview),
  /** Refused as a whole, naming the hosts, where one is in observe mode, not connected or taken. */
  'experiments/start': method('change', experimentOrder, experiment),
  /** Phases under way end first; nothing runs after that. */
  'experiments/pause': method('observe', experimentNaming, experimentSummary),
  /**
   * After a pause, also over a restart of the workbench. Refused where a host is in observe mode or runs a policy; one that is not
   * connected is waited for, and one that was removed is given up.
   */
  'experiments/continue': method('change', experimentNaming, experimentSummary),
  /** Puts everything back; the answer does not wait for that. */
  'experiments/stop': method('change', experimentNaming, experimentSummary),
  /** In short, without phases. */
  'experiments/list': method('observe', nothing, experimentSummaries),
  /** With its phases and its result so far. `not-found`: there is none. */
  'experiments/show': method('observe', experimentNaming, shownExperiment),
  /** Forgets it. `busy` while it is under way. */
  'experiments/remove': method('observe', experimentNaming, nothing),
  /** As a document. `not-supported`: PDF without a Chromium. */
  'experiments/export': method('observe', experimentNaming.extend({ format: reportFormat }), anyFile),
}
