import type { VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { More as View } from '../model.ts'
import type { Part } from '../more/index.tsx'
import { CloseButton, Trouble, useShared } from './App.tsx'
import { Icon } from './icons.tsx'

/** The part that is loaded on demand, in the present language: null until it is here, false when it cannot be had. */
export function usePart(): Part | null | false {
  const { model } = useShared()
  const [part, setPart] = useState<Part | null | false>(null)
  useEffect(() => {
    let here = true
    import('../more/index.tsx').then((more) => more.load(model.words)).then(
      (loaded) => here && setPart(loaded),
      () => here && setPart(false),
    )
    return () => { here = false }
  }, [model.words, model.online])
  return part
}

/** A piece of the part that is loaded on demand; nothing until it is here. */
export function Later({ draw }: { draw: (part: Part) => VNode }): VNode {
  const part = usePart()
  return <>{part && draw(part)}</>
}

/** The frame of the pages that are loaded on demand: they cost the start nothing. */
export function More({ view }: { view: View }): VNode {
  const { model } = useShared()
  const { words } = model
  const part = usePart()
  const back = (): void => {
    if (view.topic !== 'menu') model.show({ ...view, topic: 'menu' })
    else model.show(view.from ? { name: 'chat', session: view.from } : { name: 'home' })
  }
  return (
    <>
      <header class="bar">
        <button class="ib" onClick={back} aria-label={words.t('back')}><Icon name="back" flip /></button>
        <h1 tabIndex={-1} data-focus>{(part && part.title(view.topic)) || words.t('more')}</h1>
        <CloseButton />
      </header>
      <Trouble text={part === false ? words.t('offline') : null} />
      <div class="body" aria-busy={part === null}>{part && part.page(view)}</div>
    </>
  )
}
