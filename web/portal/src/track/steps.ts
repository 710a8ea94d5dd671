import type { Stage, Tracked, Turn } from '../api'

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

const turns: Partial<Record<Turn, NonNullable<Course['again']>>> = { not_solved: 'not_solved', disputed: 'disputed', reopened: 'reopened' }

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

  const beginAgain = (why: NonNullable<Course['again']>, at: string) => {
    again = why
    if (why !== 'disputed') round += 1
    const last = steps.at(-1)
    if (why === 'reopened') steps.push({ kind: why, state: 'broken', at, round })
    else if (last) steps[steps.length - 1] = { kind: why, state: 'broken', at, round: last.round }
    roundStart = steps.length
  }

  for (const { stage, at, what } of history) {
    const last = steps.at(-1)
    const turn = turns[what]
    if (turn) beginAgain(turn, at)
    else if (what === 'withdrawal_not_confirmed' && last?.kind === 'withdrawing') steps[steps.length - 1] = { ...last, kind: 'not_withdrawn' }

    const promised = steps.slice(roundStart).some((step) => step.kind === 'promised' || step.kind === 'fulfil')
    const kind: StepKind = what === 'withdrawal_noted' ? 'withdrawing' : stage === 'in_progress' && promised ? 'fulfil' : stage
    const place = kindRank[kind] ?? 0
    const isTurn = (step: Step) => step.kind === 'not_withdrawn'
    while (steps.length > roundStart) {
      const top = steps.at(-1)
      if (!top || isTurn(top) || (kindRank[top.kind] ?? 0) <= place) break
      steps.pop()
    }
    if (steps.length === roundStart || steps.at(-1)?.kind !== kind) steps.push({ kind, state: 'done', at, round })
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
