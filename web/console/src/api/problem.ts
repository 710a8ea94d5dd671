import type { Problem, ProblemCode } from './types'

/** `network` and `timeout` leave open whether a write arrived: repeat it under the same Idempotency-Key. */
export type FailureKind = 'problem' | 'network' | 'timeout'

export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly problem: Problem | null = null,
  ) {
    super(problem?.code ?? kind)
    this.name = 'ApiError'
  }

  get code(): ProblemCode | FailureKind {
    return this.problem?.code ?? this.kind
  }

  /** What a person reads out to whoever looks into the log. */
  get reference(): string | null {
    return this.problem?.trace_id ?? null
  }

  get isUndecided(): boolean {
    return this.kind !== 'problem' || (this.problem !== null && this.problem.status >= 500)
  }
}

export function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'status' in body
}

export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') return new ApiError('timeout')
  return new ApiError('network')
}
