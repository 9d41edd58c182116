/** A request that needs a fresh second factor waits here while the person shows it; then it is made again. */

type Ask = () => Promise<boolean>
let ask: Ask | null = null
let asking: Promise<boolean> | null = null

/** The dialog of the application says how it is asked. */
export function askBy(dialog: Ask): void {
  ask = dialog
}

/** @returns whether the person showed it. Requests that are refused meanwhile wait for the same answer. */
export function stepUp(): Promise<boolean> {
  asking ??= (ask?.() ?? Promise.resolve(false)).finally(() => (asking = null))
  return asking
}
