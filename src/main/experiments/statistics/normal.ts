// The normal distribution. Pure.

/** Share below `z`; off by less than 1e-12. erfc by its continued fraction or series, as z asks for. */
export function normalShareBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const tail = x < 2 ? (1 - erfSeries(x)) / 2 : erfcFraction(x) / 2
  return z < 0 ? tail : 1 - tail
}

function erfSeries(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n += 1) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

function erfcFraction(x: number): number {
  let fraction = 0
  for (let n = 120; n >= 1; n -= 1) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction)
}

/** The z below which `share` lies, for 0 < share < 1: bisection, so as exact as `normalShareBelow`. */
export function normalQuantile(share: number): number {
  let [low, high] = [-40, 40]
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2
    if (normalShareBelow(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
