import type { Stage, Tracked } from '../api'

export type StepKind =
  | 'received' | 'assigned' | 'in_progress' | 'promised' | 'fulfil' | 'reviewing' | 'calling_back' | 'closed' | 'content'
  | 'not_solved' | 'disputed' | 'withdrawing' | 'not_withdrawn' | 'reopened'

/** done: behind us; broken: ended otherwise than hoped; now: where it stands; todo: to come. */
export interface Step {
  kind: StepKind
  state: 'done' | 'broken' | 'now' | 'todo'
  at?: string
  round: number
}

export interface Course {
  steps: Step[]
  round: number
  /** Why it is being done once more. */
  again?: 'not_solved' | 'disputed' | 'reopened'
  withdrawing: boolean
}

const rank: Record<Stage, number> = {
  received: 0, assigned: 1, in_progress: 2, promised: 3, reviewing: 4, calling_back: 5, closed: 6,
}
const kindRank: Partial<Record<StepKind, number>> = { ...rank, fulfil: 3.5, reopened: 0, withdrawing: 5 }
const ahead: readonly StepKind[] = ['received', 'assigned', 'in_progress', 'calling_back', 'content']

/**
 * The stages in plain words. What we pass around among ourselves is taken back rather than told: only the customer's
 * own turns (not solved, not agreed, withdrawn, once more) stay behind.
 */
export function courseOf(history: Tracked['history']): Course {
  const steps: Step[] = []
  let round = 1
  let roundStart = 0
  let again: Course['again']
  let before: Stage | undefined

  const beginAgain = (why: NonNullable<Course['again']>, at: string) => {
    again = why
    if (why !== 'disputed') round += 1
    const last = steps.at(-1)
    if (why === 'reopened') steps.push({ kind: why, state: 'broken', at, round })
    else if (last) steps[steps.length - 1] = { kind: why, state: 'broken', at, round: last.round }
    roundStart = steps.length
  }

  for (const { stage, at } of history) {
    const last = steps.at(-1)
    const backToWork = rank[stage] < rank.reviewing
    if (before === 'closed') beginAgain('reopened', at)
    else if (before === 'calling_back' && last?.kind === 'withdrawing' && stage !== 'closed') {
      steps[steps.length - 1] = { ...last, kind: 'not_withdrawn' }
    } else if (stage === 'received' && (before === 'calling_back' || before === 'reviewing')) beginAgain('disputed', at)
    else if (before === 'calling_back' && backToWork) beginAgain('not_solved', at)

    // A callback follows the review; from anywhere else it is a withdrawal that we ask about.
    const withdrawn = stage === 'calling_back' && before !== undefined && before !== 'reviewing'
    const promised = steps.slice(roundStart).some((step) => step.kind === 'promised' || step.kind === 'fulfil')
    const kind: StepKind = withdrawn ? 'withdrawing' : stage === 'in_progress' && promised ? 'fulfil' : stage
    const place = kindRank[kind] ?? 0
    const isTurn = (step: Step) => step.kind === 'not_withdrawn'
    while (steps.length > roundStart) {
      const top = steps.at(-1)
      if (!top || isTurn(top) || (kindRank[top.kind] ?? 0) <= place) break
      steps.pop()
    }
    if (steps.length === roundStart || steps.at(-1)?.kind !== kind) steps.push({ kind, state: 'done', at, round })
    before = stage
  }

  const current = steps.at(-1)
  if (current && current.kind !== 'closed') {
    current.state = 'now'
    const place = kindRank[current.kind] ?? 0
    for (const kind of ahead)
      if (kind === 'content' || (kindRank[kind] ?? 0) > place) steps.push({ kind, state: 'todo', round })
  }
  return { steps, round, again, withdrawing: current?.kind === 'withdrawing' }
}
