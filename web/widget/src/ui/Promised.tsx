import type { VNode } from 'preact'
import { updateText } from '../protocol.ts'
import type { Session } from '../session.ts'
import { useShared } from './App.tsx'
import { Icon } from './icons.tsx'

/** The promise is the main object of a wait: a clock time, or what became of it. */
export function Promised({ session }: { session: Session }): VNode | null {
  const { model } = useShared()
  const { words } = model
  const { state } = session
  const time = (iso: string): VNode => <b><time dateTime={iso}>{words.when(iso)}</time></b>

  if (!state) {
    const due = model.start?.promise?.due
    return due && session.unsent().length === 0 ? bar('wait', 'clock', words.rich('promise_if', { time: time(due) })) : null
  }
  if (state.category === 'resolved') return bar('done', 'check', words.t('resolved_bar'))
  const update = updateText(state)
  const again = update ? words.rich(update.key, { time: time(update.due) }) : null
  if (state.category === 'open') {
    const line = state.position === 1 ? words.t('position_first') : state.position ? words.t('position', { n: state.position }) : null
    const due = state.promise?.due
    if (!due) return bar('wait', 'clock', [words.t('promise_none'), words.space, line, again && line && words.space, again])
    const late = new Date(due).getTime() < Date.now()
    return bar(late ? 'late' : 'wait', 'clock', [...words.rich(late ? 'promise_late' : 'promise', { time: time(due) }), words.space, line, again && line && words.space, again])
  }
  // What is still owed goes before what was kept.
  if (again) return bar(update?.key === 'update_late' ? 'late' : 'wait', 'clock', again)
  if (!state.answered_at) return null
  const due = state.promise?.due ?? session.promised
  return bar('done', 'clock', due
    ? words.rich('answered_promised', { time: time(state.answered_at), due: words.when(due) })
    : words.rich('answered', { time: time(state.answered_at) }))
}

function bar(kind: 'wait' | 'late' | 'done', icon: 'clock' | 'check', text: preact.ComponentChildren): VNode {
  return <div class={`promise ${kind}`} role="status"><Icon name={icon} /><span>{text}</span></div>
}
