import { render } from 'preact'
import tokens from '../../shared/tokens.css?inline'
import type { Identity } from './identity.ts'
import { Model, type Actions } from './model.ts'
import css from './widget.css?inline'
import { App } from './ui/App.tsx'

const FONT_FACES = /@font-face\s*\{[^}]*\}/g

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet()
  made.replaceSync(text)
  return made
}

// Constructed sheets pass a CSP of style-src 'self'. Font faces work only on the document, `:root` only outside of a shadow root.
const faces = sheet((tokens.match(FONT_FACES) ?? []).join(''))
const styles = sheet(tokens.replace(FONT_FACES, '').replaceAll(':root', ':host') + css)

/**
 * <holdfast-help inbox server lang theme identity mode app-version open>
 * Events: holdfast:open, holdfast:close, holdfast:unread {count}, holdfast:exposure {found: [{kind, count}]}.
 */
export class HoldfastHelp extends HTMLElement {
  static readonly observedAttributes = ['open', 'theme', 'identity', 'mode', 'lang', 'inbox', 'server']
  private model: Model | null = null
  private identityHeld: Identity = null
  private actionsHeld: Actions = {}
  private back: HTMLElement | null = null
  private readonly night = matchMedia('(prefers-color-scheme: dark)')
  private readonly redraw = (): void => this.draw()

  constructor() {
    super()
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [styles]
  }

  get identity(): Identity {
    return this.identityHeld
  }

  /** A JWT, or a function that gives a fresh one each time it is asked. */
  set identity(identity: Identity) {
    this.identityHeld = identity
    if (!this.model) return
    this.model.identity = identity
    void this.model.begin(true)
  }

  get actions(): Actions {
    return this.actionsHeld
  }

  /** What the wallet can do at once in an emergency; a button appears for each. */
  set actions(actions: Actions) {
    this.actionsHeld = actions
    if (!this.model) return
    this.model.actions = actions
    this.model.changed()
  }

  open(): void {
    this.toggleAttribute('open', true)
  }

  close(): void {
    this.toggleAttribute('open', false)
  }

  connectedCallback(): void {
    // a property set before the module had loaded shadows the accessor
    for (const name of ['identity', 'actions'] as const) {
      if (Object.hasOwn(this, name)) {
        const value = this[name]
        delete (this as Partial<HoldfastHelp>)[name]
        Object.assign(this, { [name]: value })
      }
    }
    if (!document.adoptedStyleSheets.includes(faces)) document.adoptedStyleSheets.push(faces)
    this.night.addEventListener('change', this.redraw)
    this.begin()
  }

  disconnectedCallback(): void {
    this.night.removeEventListener('change', this.redraw)
    this.end()
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.model || before === after) return
    if (name === 'inbox' || name === 'server') {
      this.end()
      this.begin()
    } else if (name === 'identity') {
      this.identity = after
    } else if (name === 'lang' && after) {
      void this.model.follow(after)
    } else if (name === 'open') {
      this.turned()
    }
    this.draw()
  }

  private begin(): void {
    const server = new URL(this.getAttribute('server') ?? import.meta.url, location.href).origin
    this.identityHeld ??= this.getAttribute('identity')
    this.model = new Model(
      {
        server,
        inbox: this.getAttribute('inbox') ?? '',
        language: this.getAttribute('lang'),
        appVersion: this.getAttribute('app-version'),
      },
      {
        unread: (count) => this.tell('unread', { count }),
        exposure: (found) => this.tell('exposure', { found }),
      },
    )
    this.model.identity = this.identityHeld
    this.model.actions = this.actionsHeld
    this.model.wake()
    if (this.getAttribute('mode') === 'page' && location.hash.startsWith('#continue=')) this.model.show({ name: 'more', topic: 'continue', from: null })
    this.draw()
  }

  private end(): void {
    if (this.shadowRoot) render(null, this.shadowRoot)
    this.model?.stop()
    this.model = null
  }

  private turned(): void {
    const open = this.hasAttribute('open')
    if (open) {
      this.back = document.activeElement instanceof HTMLElement ? document.activeElement : null
    } else {
      const target = this.back && this.back !== this && this.back !== document.body ? this.back : null
      // the launcher exists again only after the drawing
      setTimeout(() => (target ?? this.shadowRoot?.querySelector<HTMLElement>('.launcher'))?.focus())
      this.back = null
    }
    this.tell(open ? 'open' : 'close', {})
  }

  private tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(`holdfast:${name}`, { detail, bubbles: true, composed: true }))
  }

  private draw(): void {
    if (!this.model || !this.shadowRoot) return
    const theme = this.getAttribute('theme') ?? 'auto'
    const page = this.getAttribute('mode') === 'page'
    const frame = {
      page,
      open: page || this.hasAttribute('open'),
      dark: theme === 'dark' || (theme === 'auto' && this.night.matches),
      show: () => this.open(),
      close: () => this.close(),
    }
    render(<App model={this.model} frame={frame} />, this.shadowRoot)
  }
}

if (!customElements.get('holdfast-help')) customElements.define('holdfast-help', HoldfastHelp)
