export interface Branch<T> {
  item: T
  depth: number
}

/** Those without one above first, each followed by those below it. One whose parent is unknown stands at the top. */
export function asTree<T extends { id: string; parent_id: string | null }>(items: readonly T[], compare: (a: T, b: T) => number): Branch<T>[] {
  const known = new Set(items.map((item) => item.id))
  const below = (parent: string | null) =>
    items.filter((item) => (parent === null ? item.parent_id === null || !known.has(item.parent_id) : item.parent_id === parent)).sort(compare)
  const walk = (parent: string | null, depth: number): Branch<T>[] => below(parent).flatMap((item) => [{ item, depth }, ...walk(item.id, depth + 1)])
  return walk(null, 0)
}

/** What may not stand above an item: itself and all below it. */
export function withBelow<T extends { id: string; parent_id: string | null }>(items: readonly T[], id: string): Set<string> {
  const found = new Set([id])
  for (let grown = true; grown; ) {
    grown = false
    for (const item of items) {
      if (item.parent_id === null || found.has(item.id) || !found.has(item.parent_id)) continue
      found.add(item.id)
      grown = true
    }
  }
  return found
}
