import { createContext, type VNode } from 'preact'
import { useContext, useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks'
import type { Model } from '../model.ts'
import { Chat } from './Chat.tsx'
import { Emergency } from './Emergency.tsx'
import { Home } from './Home.tsx'
import { Icon } from './icons.tsx'
import { More } from './More.tsx'

export interface Frame {
  open: boolean
  page: boolean
  dark: boolean
  show: () => void
  close: () => void
}

interface Shared {
  model: Model
  frame: Frame
}

const Context = createContext<Shared | null>(null)

export function useShared(): Shared {
  const shared = useContext(Context)
  if (!shared) throw new Error('rendered outside of <App>')
  return shared
}

/** Ages the promise clocks and the start answer. */
const TICK = 10_000

export function App({ model, frame }: Shared): VNode {
  const [, draw] = useReducer((count: number) => count + 1, 0)
  const panel = useRef<HTMLElement>(null)
  const focused = useRef<Element | null>(null)
  const { words, view } = model
  useEffect(() => model.subscribe(() => draw(undefined)), [model])
  useEffect(() => {
    if (!frame.open) return
    void model.begin()
    model.look()
    const timer = setInterval(() => {
      if (document.visibilityState !== 'visible') return
      model.look()
      if (model.view.name === 'home') void model.begin()
      draw(undefined)
    }, TICK)
    return () => clearInterval(timer)
  }, [model, frame.open])
  useEffect(() => {
    // the view's heading says where one is; a hosted page does not steal the focus when it loads
    if (!frame.open || (frame.page && view.name === 'home')) return
    // a touch keyboard would cover what there is to read
    const field = matchMedia('(pointer: fine)').matches ? panel.current?.querySelector<HTMLElement>('.send textarea') : null
    ;(field ?? panel.current?.querySelector<HTMLElement>('[data-focus]'))?.focus()
  }, [frame.open, frame.page, view.name])
  useLayoutEffect(() => {
    // a button that goes with its own press (rating, try again) must not drop the focus behind the sheet, where Escape and Tab are lost
    if (!focused.current || focused.current.isConnected) return
    focused.current = null
    const root = panel.current?.getRootNode() as ShadowRoot | undefined
    if (root && !root.activeElement) panel.current?.querySelector<HTMLElement>('[data-focus]')?.focus({ preventScroll: true })
  })

  const unread = model.unread()
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.isComposing) {
      event.stopPropagation()
      if (!frame.page) frame.close()
      else if (view.name !== 'home') model.show({ name: 'home' })
    } else if (event.key === 'Tab' && !frame.page) {
      trap(event, panel.current)
    }
  }
  return (
    <Context.Provider value={{ model, frame }}>
      <div class={`root${frame.dark ? ' dark' : ''}${frame.page ? ' page' : ''}`} lang={words.language} dir={words.rtl ? 'rtl' : 'ltr'}>
        {!frame.page && !frame.open && (
          <button class="launcher" onClick={frame.show} aria-label={unread ? `${words.t('title')}, ${words.t('unread', { count: unread })}` : words.t('title')}>
            <Icon name="chat" />
            {unread > 0 && <span class="badge" aria-hidden="true">{unread > 99 ? '99+' : unread}</span>}
          </button>
        )}
        {frame.open && (
          <section class="w" ref={panel} role={frame.page ? 'region' : 'dialog'} aria-modal={frame.page ? undefined : 'true'} aria-label={words.t('title')} onKeyDown={keys}
            onFocusIn={(event: FocusEvent) => { focused.current = event.target as Element }}>
            <Known />
            {view.name === 'home' && <Home />}
            {view.name === 'chat' && <Chat session={view.session} key={view.session} />}
            {view.name === 'emergency' && <Emergency from={view.from} />}
            {view.name === 'more' && <More view={view} />}
          </section>
        )}
      </div>
    </Context.Provider>
  )
}

/** What is out of order, above whatever the customer does; the region is there before its words, so that they are read out. */
function Known(): VNode {
  const { model } = useShared()
  return (
    <div class="status" role="status">
      {model.problems.map((problem) => (
        <div key={problem.id} class={`promise known ${problem.severity}`}>
          <Icon name="warn" />
          <span class="grow" lang={problem.language} dir="auto"><b>{problem.title}</b><br />{problem.text}</span>
          <button class="ib" onClick={() => model.putAway(problem)} aria-label={`${model.words.t('close')}: ${problem.title}`}><Icon name="close" small /></button>
        </div>
      ))}
    </div>
  )
}

/** Tab stays in the sheet. */
function trap(event: KeyboardEvent, panel: HTMLElement | null): void {
  const stops = [...(panel?.querySelectorAll<HTMLElement>('button, a[href], select, textarea, input:not([hidden]), [tabindex="0"]') ?? [])]
    .filter((element) => !element.hasAttribute('disabled') && element.offsetParent !== null)
  const first = stops[0]
  const last = stops.at(-1)
  const root = panel?.getRootNode() as ShadowRoot | undefined
  const at = root?.activeElement
  if (!first || !last) return
  if (event.shiftKey ? at === first || !stops.includes(at as HTMLElement) : at === last) {
    event.preventDefault()
    ;(event.shiftKey ? last : first).focus()
  }
}

export function CloseButton(): VNode | null {
  const { model, frame } = useShared()
  if (frame.page) return null
  return <button class="ib" onClick={frame.close} aria-label={model.words.t('close')}><Icon name="close" /></button>
}

/** The connection, in words; shown only while something is wrong. */
export function Trouble({ text }: { text: string | null }): VNode {
  return <div class="status" role="status">{text && <p class="trouble"><Icon name="warn" small />{text}</p>}</div>
}
