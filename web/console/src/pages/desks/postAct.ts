import { api } from '@/api/client'
import type { Acted } from '@/api/types'
import type { ActPath } from './acts'

/** One act on a ticket; its body is made of what the act's form asks for. */
export function postAct(name: string, id: string, version: number, key: string, body: Record<string, unknown>): Promise<Acted> {
  const path = `/api/v1/tickets/{id}/${name}` as ActPath
  return api.post(path, { path: { id }, version, key, body: body as never }) as Promise<Acted>
}
