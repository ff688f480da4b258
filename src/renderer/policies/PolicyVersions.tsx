// The versions of a named policy, each against the text in the editor, and the way back to one of them.
import { Button, Modal, Skeleton } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { NamedPolicy, PolicyVersion } from '../../shared/contract/index.ts'
import { asProblem, type ProblemData } from '../../shared/problem.ts'
import { useStore } from '../store/use-fleet.ts'
import { formatMoment } from '../ui/moments.ts'
import { ProblemNotice } from '../ui/Notice.tsx'
import classes from './policies.module.css'
import { compareLines } from './text-difference.ts'

interface PolicyVersionsProps {
  readonly policy: NamedPolicy
  /** Of the editor. */
  readonly text: string
  readonly onUse: (text: string) => void
  readonly onClose: () => void
}

export function PolicyVersions({ policy, text, onUse, onClose }: PolicyVersionsProps) {
  const { versions, problem } = useVersions(policy)
  const [shown, setShown] = useState<number>(policy.version)
  const chosen = versions?.find(({ version }) => version === shown) ?? versions?.at(-1)
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Versions of ${policy.name}`}
      size="xl"
      data-testid="policy-versions"
    >
      {problem && <ProblemNotice attempt="Versions" problem={problem} />}
      {versions === undefined && problem === undefined && <Skeleton height={200} />}
      {versions && chosen && (
        <div className={classes.versions}>
          <ul className={classes.versionList}>
            {versions.toReversed().map((one) => (
              <li key={one.version}>
                <Button
                  size="compact-xs"
                  variant={one === chosen ? 'filled' : 'subtle'}
                  onClick={() => setShown(one.version)}
                >
                  version {one.version}
                </Button>
                <div className={classes.note}>
                  {formatMoment(one.at)} by {one.author}
                </div>
              </li>
            ))}
          </ul>
          <Comparison version={chosen} text={text} />
          <Button
            size="xs"
            disabled={chosen.text === text}
            data-testid="policy-version-use"
            onClick={() => {
              onUse(chosen.text)
              onClose()
            }}
          >
            Use this version again
          </Button>
        </div>
      )}
    </Modal>
  )
}

const marks = { same: ' ', out: '−', in: '+' }

function Comparison({ version, text }: { readonly version: PolicyVersion; readonly text: string }) {
  const lines = compareLines(version.text, text)
  return (
    <div>
      <p className={classes.note}>
        {version.text === text
          ? 'The same as the text in the editor.'
          : `From version ${version.version} (−) to the text in the editor (+):`}
      </p>
      <pre className={classes.difference} data-testid="policy-difference">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
          <span key={index} data-kind={line.kind}>{`${marks[line.kind]} ${line.text}\n`}</span>
        ))}
      </pre>
    </div>
  )
}

function useVersions({ name, version }: NamedPolicy) {
  const store = useStore()
  const [versions, setVersions] = useState<readonly PolicyVersion[]>()
  const [problem, setProblem] = useState<ProblemData>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when there is a newer version.
  useEffect(() => {
    let isCurrent = true
    store.call('policies/versions', { name }).then(
      (answer) => isCurrent && setVersions(answer.versions),
      (error: unknown) => isCurrent && setProblem(asProblem(error).toData()),
    )
    return () => {
      isCurrent = false
    }
  }, [store, name, version])
  return { versions, problem }
}
