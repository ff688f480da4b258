// What is asked: guests like which, and under which policy. Each choice changes the address.
import { Select } from '@mantine/core'
import { IconRefresh, IconUsersPlus } from '@tabler/icons-react'
import type { NamedPolicy } from '../../shared/contract/index.ts'
import { ActButton } from '../ui/ActButton.tsx'
import { UnderWay } from '../ui/UnderWay.tsx'
import classes from './capacity.module.css'

interface CapacityControlsProps {
  readonly guests: readonly string[]
  readonly policies: readonly NamedPolicy[]
  readonly like: string | undefined
  readonly policyName: string | undefined
  readonly busy: boolean
  readonly step: string
  /** Why it cannot be asked now. */
  readonly refusal: string | undefined
  readonly hasEstimate: boolean
  readonly onChoose: (choice: { readonly like?: string | null; readonly policy?: string | null }) => void
  readonly onAsk: (anew: boolean) => void
  readonly onCancel: () => void
}

export function CapacityControls(props: CapacityControlsProps) {
  const { guests, policies, like, policyName, busy, step, refusal, hasEstimate, onChoose, onAsk } = props
  return (
    <div className={classes.controls} data-testid="capacity-controls">
      <Select
        label="Guests like"
        data={[...new Set(guests)]}
        value={like ?? null}
        placeholder="any"
        description="none chosen: the one of median size"
        onChange={(name) => onChoose({ like: name })}
        searchable
        clearable
        data-testid="capacity-like"
      />
      <Select
        label="Under the policy"
        data={policies.map(({ name }) => name)}
        value={policyName ?? null}
        placeholder="the default one"
        description="the default: scrub adaptive, KSM govern"
        onChange={(name) => onChoose({ policy: name })}
        clearable
        data-testid="capacity-policy"
      />
      <ActButton
        icon={IconUsersPlus}
        filled
        busy={busy}
        refusal={refusal}
        onClick={() => onAsk(false)}
        testId="capacity-estimate"
      >
        Estimate
      </ActButton>
      {hasEstimate && (
        <ActButton
          icon={IconRefresh}
          busy={busy}
          refusal={refusal}
          onClick={() => onAsk(true)}
          testId="capacity-anew"
        >
          Compare contents again
        </ActButton>
      )}
      {busy && <UnderWay step={step} onCancel={props.onCancel} />}
    </div>
  )
}
