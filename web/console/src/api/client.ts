import { ApiError, asApiError, isProblem } from './problem'
import type { paths } from './schema'
import { serverClock } from '@/composables/serverClock'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** The paths that know this method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: undefined extends paths[P][M] ? never : P
}[keyof paths]

type Json<Content> = Content extends { content: { 'application/json': infer Body } } ? Body : never
type Success<Responses> = {
  [Code in keyof Responses & (200 | 201 | 202)]: Json<Responses[Code]>
}[keyof Responses & (200 | 201 | 202)]

/** What a successful call is answered with; undefined where there is no body. */
export type Answer<P extends PathOf<M>, M extends Method> = paths[P][M] extends { responses: infer Responses }
  ? [Success<Responses>] extends [never]
    ? undefined
    : Success<Responses>
  : never

export type Body<P extends PathOf<M>, M extends Method> = paths[P][M] extends { requestBody?: { content: infer Content } }
  ? Content extends { 'application/json': infer Sent }
    ? Sent
    : undefined
  : undefined

type Query<P extends PathOf<M>, M extends Method> = paths[P][M] extends { parameters: { query?: infer Q } } ? Extract<Q, object> : never

type QueryValue = string | number | boolean | readonly string[] | null | undefined

export interface CallOptions<P extends PathOf<M>, M extends Method> {
  path?: Record<string, string>
  query?: Query<P, M>
  body?: Body<P, M>
  /** Instead of `body`: multipart, for files. */
  form?: FormData
  /** The version seen, sent as If-Match. */
  version?: number
  /** Idempotency-Key: a fresh one per act, the same one for each repeat of that act. */
  key?: string
  signal?: AbortSignal
}

const answersWithin = 20_000

let whenLoggedOut: () => void = () => {}
let whenUnanswered: () => void = () => {}

/** Called once for each answer that says that nobody is logged in. */
export function onLoggedOut(run: () => void): void {
  whenLoggedOut = run
}

/** Called for each call that got no definite answer. */
export function onUnanswered(run: () => void): void {
  whenUnanswered = run
}

export function apiUrl(path: string, parameters: Record<string, string> = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query) as [string, QueryValue][]) {
    if (value === null || value === undefined || value === '') continue
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one))
  }
  const asked = search.toString()
  return asked ? `${filled}?${asked}` : filled
}

async function call<P extends PathOf<M>, M extends Method>(
  method: M,
  path: P,
  options: CallOptions<P, M> = {},
): Promise<Answer<P, M>> {
  const headers = new Headers({ Accept: 'application/json' })
  if (options.version !== undefined) headers.set('If-Match', `"${options.version}"`)
  if (options.key !== undefined) headers.set('Idempotency-Key', options.key)
  let body: BodyInit | null = options.form ?? null
  if (options.body !== undefined) {
    headers.set('Content-Type', 'application/json')
    body = JSON.stringify(options.body)
  }
  const limit = AbortSignal.timeout(answersWithin)
  const sentAt = Date.now()
  try {
    const response = await fetch(apiUrl(path, options.path, options.query), {
      method: method.toUpperCase(),
      headers,
      body,
      credentials: 'same-origin',
      signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
    })
    serverClock.sawDate(response.headers.get('Date'), sentAt, Date.now())
    const said: unknown = response.status === 204 ? undefined : await response.json()
    if (response.ok) return said as Answer<P, M>
    if (response.status === 401 && path !== '/api/v1/session') whenLoggedOut()
    throw isProblem(said) ? new ApiError('problem', said) : new ApiError('network')
  } catch (thrown) {
    if (options.signal?.aborted) throw thrown
    const failure = asApiError(thrown)
    if (failure.isUndecided) whenUnanswered()
    throw failure
  }
}

export const api = {
  get: <P extends PathOf<'get'>>(path: P, options?: CallOptions<P, 'get'>) => call('get', path, options),
  post: <P extends PathOf<'post'>>(path: P, options?: CallOptions<P, 'post'>) => call('post', path, options),
  put: <P extends PathOf<'put'>>(path: P, options?: CallOptions<P, 'put'>) => call('put', path, options),
  patch: <P extends PathOf<'patch'>>(path: P, options?: CallOptions<P, 'patch'>) => call('patch', path, options),
  delete: <P extends PathOf<'delete'>>(path: P, options?: CallOptions<P, 'delete'>) => call('delete', path, options),
}

export function freshKey(): string {
  return crypto.randomUUID()
}
