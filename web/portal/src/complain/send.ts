import { perform, upload, type Answer, type ParkedReceipt, type Receipt, type Refusal } from '../api'
import { requestBody, type Complaint } from './complaint'
import { newKey, type Draft } from './draft'

export type Sent =
  | { kind: 'registered'; receipt: Receipt; at: Date; changes: 'none' | 'added' | 'left' }
  | { kind: 'parked'; receipt: ParkedReceipt }
  | { kind: 'refused'; refusal: Refusal }

function submit(complaint: string, files: readonly File[], key: string, progress: (share: number) => void) {
  return upload<Receipt | ParkedReceipt>('/public/v1/complaints', requestBody(complaint, files, key), key, progress)
}

function outcome(answer: Answer<Receipt | ParkedReceipt>): Sent {
  if (!answer.ok) return { kind: 'refused', refusal: answer.refusal }
  if ('number' in answer.body) return { kind: 'registered', receipt: answer.body, at: answer.at, changes: 'none' }
  return { kind: 'parked', receipt: answer.body }
}

/**
 * Sends what the draft says, once. A key that is known with other words means that an earlier try did arrive: that one
 * is asked for its receipt, and the new words go after it as an added word.
 */
export async function send(
  draft: Draft,
  complaint: Complaint,
  files: readonly File[],
  earlier: string | undefined,
  progress: (share: number) => void,
): Promise<Sent> {
  const answer = await submit(JSON.stringify(complaint), files, draft.key, progress)
  const arrived = !answer.ok && answer.refusal.code === 'key-reused'
  if (!arrived || earlier === undefined) return outcome(answer)

  const first = outcome(await submit(earlier, files, draft.key, progress))
  if (first.kind !== 'registered') return first
  const { phone, email } = complaint.contact
  const proof = phone ? { phone } : { email: email ?? '' }
  const words = [complaint.problem, complaint.desired_solution].filter(Boolean).join('\n')
  const added = await perform(first.receipt.number, proof, { act: 'added_word', text: words }, newKey())
  return { ...first, changes: added.ok ? 'added' : 'left' }
}
