import { linkTo } from '../model/route.ts'
import { Notice } from '../ui/Notice.tsx'

export function NoSuchHost() {
  return (
    <Notice tone="warn" title="There is no such host">
      It was removed, or the address is of another workbench. <a href={linkTo('fleet')}>Back to the fleet</a>
    </Notice>
  )
}
