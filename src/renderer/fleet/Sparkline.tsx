import classes from './Sparkline.module.css'

interface SparklineProps {
  readonly values: readonly number[]
  readonly label: string
}

const width = 110
const height = 24

/** A bare line from 0 to the highest value, newest on the right; the figures are in the columns beside it. */
export function Sparkline({ values, label }: SparklineProps) {
  if (values.length < 2) return <span className="missing">no samples yet</span>
  const top = Math.max(...values, 1)
  const step = width / (values.length - 1)
  const points = values.map((value, index) => {
    const y = height - 2 - (value / top) * (height - 4)
    return `${(index * step).toFixed(1)},${y.toFixed(1)}`
  })
  return (
    <svg width={width} height={height} role="img" aria-label={label} className={classes.line}>
      <polygon
        points={`0,${height} ${points.join(' ')} ${width},${height}`}
        fill="var(--q-guest)"
        opacity={0.14}
      />
      <polyline points={points.join(' ')} fill="none" stroke="var(--q-guest)" strokeWidth={1.5} />
    </svg>
  )
}
