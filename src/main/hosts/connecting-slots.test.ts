import { describe, expect, it } from 'vitest'
import { ConnectingSlots } from './connecting-slots.ts'

const never = new AbortController().signal

describe('ConnectingSlots', () => {
  it('lets only so many in at once', async () => {
    const slots = new ConnectingSlots(2)
    let inside = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 10 }, () =>
        slots.run(never, async () => {
          inside += 1
          most = Math.max(most, inside)
          await new Promise((resolve) => setTimeout(resolve, 2))
          inside -= 1
        }),
      ),
    )
    expect(most).toBe(2)
  })

  it('lets others in while a question is open', async () => {
    const slots = new ConnectingSlots(1)
    const answer = Promise.withResolvers<string>()
    const first = slots.run(never, (outside) => outside(() => answer.promise))
    expect(await slots.run(never, async () => 'second')).toBe('second')
    answer.resolve('first')
    expect(await first).toBe('first')
    expect(await slots.run(never, async () => 'third')).toBe('third')
  })

  it('gives the place back when waiting or asking is cancelled', async () => {
    const slots = new ConnectingSlots(1)
    const hold = Promise.withResolvers<void>()
    const holder = slots.run(never, () => hold.promise)
    const cancel = new AbortController()
    const waiting = slots.run(cancel.signal, async () => 'never')
    cancel.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
    hold.resolve()
    await holder
    await expect(
      slots.run(never, (outside) => outside(() => Promise.reject(new Error('no')))),
    ).rejects.toThrow('no')
    expect(await slots.run(never, async () => 'free')).toBe('free')
  })
})
