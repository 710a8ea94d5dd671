import { formatClock, formatDate, wallTime } from '@shared/time'

/** What a field for date and time holds, taken as the time on the wall of a zone. */
export function instantOf(local: string, zone: string): string {
  const wanted = Date.parse(`${local}Z`)
  let at = wanted
  // Twice: the first guess may fall on the other side of a change of the clocks.
  for (let round = 0; round < 2; round += 1) {
    const wall = wallTime(at, zone)
    at += wanted - Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second)
  }
  return new Date(at).toISOString()
}

export function localOf(at: number, zone: string): string {
  const wall = wallTime(at, zone)
  return `${formatDate(wall)}T${formatClock(wall)}`
}
