// Experiments: planned here, listed with their verdicts, compared two by two.
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { ExperimentArm, ExperimentPreview, HostView } from '../../shared/contract/index.ts'
import { linkTo, open, type Route } from '../model/route.ts'
import { useFleet, useStore } from '../store/use-fleet.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { Panel } from '../ui/Panel.tsx'
import { useAct } from '../ui/use-act.ts'
import { ExperimentTable } from './ExperimentTable.tsx'
import { PlanDialog } from './PlanDialog.tsx'
import { PlannerForm } from './PlannerForm.tsx'
import { draftOf, emptyDraft, knownArm, orderOf, type PlannerDraft } from './planner-draft.ts'
import { useExperiment, useExperiments } from './use-experiments.ts'
import { usePolicyNames } from './use-policy-names.ts'

const noViews: readonly HostView[] = []

export function ExperimentsPage({ route }: { readonly route: Route }) {
  const answer = useExperiments()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [a, b] = chosen
  return (
    <main className="page" data-testid="experiments-page">
      <h1 className="sr-only">Experiments</h1>
      <Panel title="New experiment" note="two policies in turn on the same guests, measured and undone">
        <Planner again={route.query.get('again') ?? ''} />
      </Panel>
      <Panel
        title="Experiments"
        flush
        aside={
          <Button
            size="xs"
            variant="default"
            disabled={a === undefined || b === undefined}
            onClick={() => a && b && open(linkTo('experimentCompare', { query: { a, b } }))}
            data-testid="experiment-compare"
          >
            Compare two
          </Button>
        }
      >
        <Awaited answer={answer} attempt="List the experiments" reading="the experiments">
          {(experiments) => (
            <ExperimentTable experiments={experiments} chosen={chosen} onChoose={setChosen} />
          )}
        </Awaited>
      </Panel>
    </main>
  )
}

/** `again`: the experiment whose question the form begins with. */
function Planner({ again }: { readonly again: string }) {
  const store = useStore()
  const plan = useAct()
  const start = useAct()
  const views = useFleet((fleet) => fleet.hosts) ?? noViews
  const policyNames = usePolicyNames()
  const [draft, setDraft] = useState<PlannerDraft>(emptyDraft)
  const [preview, setPreview] = useState<ExperimentPreview>()
  const { value: earlier } = useExperiment(again)
  const isKnown = views.length > 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is there; not when it or a host changes.
  useEffect(() => {
    if (earlier) setDraft(draftOf(earlier.plan, views))
  }, [earlier?.id, isKnown])
  const arm = async (name: string): Promise<ExperimentArm> =>
    knownArm(draft, name) ?? (await store.call('experiments/arm', { name }))
  const show = () =>
    plan.run('Plan the experiment', async () => {
      const arms = [await arm(draft.arms[0]), await arm(draft.arms[1])] as const
      setPreview(await store.call('experiments/plan', orderOf(draft, arms)))
    })
  const begin = () =>
    start.run('Start the experiment', async () => {
      if (preview === undefined) return
      const { id } = await store.call('experiments/start', preview.plan)
      setPreview(undefined)
      open(linkTo('experiment', { item: id }))
    })
  return (
    <>
      <PlannerForm
        draft={draft}
        views={views}
        policyNames={policyNames}
        busy={plan.busy}
        onChange={setDraft}
        onPlan={show}
      />
      {preview && (
        <PlanDialog
          preview={preview}
          busy={start.busy}
          onStart={begin}
          onClose={() => setPreview(undefined)}
        />
      )}
    </>
  )
}
