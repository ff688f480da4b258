import classes from './tag.module.css'

interface TagsProps {
  readonly tags: readonly string[]
  readonly most: number
}

/** The first few tags; the rest on hover, and all of them for screen readers. */
export function Tags({ tags, most }: TagsProps) {
  const hidden = tags.length - most
  return (
    <>
      {tags.slice(0, most).map((tag) => (
        <span key={tag} className={`${classes.tag} clip`} title={tag}>
          {tag}
        </span>
      ))}
      {hidden > 0 && (
        <span className="cell-sub" title={tags.join(', ')}>
          +{hidden}
          <span className="sr-only"> more: {tags.slice(most).join(', ')}</span>
        </span>
      )}
    </>
  )
}
