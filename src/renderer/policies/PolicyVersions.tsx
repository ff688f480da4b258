// The versions of a named policy, each against the text in the editor, and the way back to one of them.
import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import type { NamedPolicy, PolicyVersion } from '../../shared/contract/index.ts'
import { useAnswer } from '../store/use-answer.ts'
import { Awaited } from '../ui/Awaited.tsx'
import { formatMoment } from '../ui/moments.ts'
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
  const { name, version } = policy
  const answer = useAnswer(
    async (store, options) => (await store.call('policies/versions', { name }, options)).versions,
    `${version} ${name}`,
  )
  const [shown, setShown] = useState<number>(version)
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Versions of ${policy.name}`}
      size="xl"
      data-testid="policy-versions"
    >
      <Awaited answer={answer} attempt="Read the versions" reading="the versions" height={200}>
        {(versions) => (
          <Versions
            versions={versions}
            chosen={versions.find((one) => one.version === shown) ?? versions.at(-1)}
            text={text}
            onShow={setShown}
            onUse={(chosen) => {
              onUse(chosen)
              onClose()
            }}
          />
        )}
      </Awaited>
    </Modal>
  )
}

interface VersionsProps {
  readonly versions: readonly PolicyVersion[]
  readonly chosen: PolicyVersion | undefined
  readonly text: string
  readonly onShow: (version: number) => void
  readonly onUse: (text: string) => void
}

function Versions({ versions, chosen, text, onShow, onUse }: VersionsProps) {
  if (!chosen) return null
  return (
    <div className={classes.versions}>
      <ul className={classes.versionList}>
        {versions.toReversed().map((one) => (
          <li key={one.version}>
            <Button
              size="compact-xs"
              variant={one === chosen ? 'filled' : 'subtle'}
              onClick={() => onShow(one.version)}
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
        onClick={() => onUse(chosen.text)}
      >
        Use this version again
      </Button>
    </div>
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
