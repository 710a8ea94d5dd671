// The time of the server: what deadlines are counted against. A Date header is cut to the second and on average half a
// second early; a heartbeat's time is exact and wins.

let offset = 0
let exact = false

export const serverClock = {
  now(): number {
    return Date.now() + offset
  },
  sawDate(header: string | null, sentAt: number, receivedAt: number): void {
    if (exact || header === null) return
    const said = Date.parse(header)
    if (Number.isNaN(said)) return
    const measured = said + 500 - (sentAt + receivedAt) / 2
    // Below a second the header tells nothing that the browser's own clock does not.
    offset = Math.abs(measured) < 1_000 ? 0 : measured
  },
  sawHeartbeat(at: string): void {
    const said = Date.parse(at)
    if (Number.isNaN(said)) return
    offset = said - Date.now()
    exact = true
  },
}
