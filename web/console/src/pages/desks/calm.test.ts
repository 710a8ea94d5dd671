import { describe, expect, it } from 'vitest'
import { nextTick, ref } from 'vue'
import { useCalmList } from './calm'

describe('a list that is pointed at', () => {
  it('keeps its order, greys what left, and counts what changed', async () => {
    const items = ref(['a', 'b', 'c'])
    const calm = useCalmList(items, (each) => each)
    calm.hold()
    items.value = ['d', 'c', 'b']
    await nextTick()
    expect(calm.list.value.map((each) => [each.id, each.gone])).toEqual([['a', true], ['b', false], ['c', false]])
    expect(calm.waiting.value).toBe(3)
    calm.release()
    expect(calm.list.value.map((each) => each.id)).toEqual(['d', 'c', 'b'])
    expect(calm.waiting.value).toBe(0)
  })

  it('follows at once where nobody points at it', async () => {
    const items = ref(['a'])
    const calm = useCalmList(items, (each) => each)
    items.value = ['b', 'a']
    await nextTick()
    expect(calm.list.value.map((each) => each.id)).toEqual(['b', 'a'])
  })
})
