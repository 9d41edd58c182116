import './main.css'
import { addCollection } from '@iconify/vue'
import ui from '@nuxt/ui/vue-plugin'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import icons from 'virtual:icons'
import { createApp } from 'vue'
import { asProblem } from '@/api/problem'
import App from './App.vue'
import { i18n } from './i18n'
import { makeRouter } from './router'

addCollection(icons)

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // Only what may go better the second time is asked again.
      retry: (count, error) => count < 2 && [0, 502, 503, 504].includes(asProblem(error).status),
    },
    mutations: { retry: false },
  },
})

createApp(App).use(i18n).use(VueQueryPlugin, { queryClient: client }).use(makeRouter(client)).use(ui).mount('#app')
