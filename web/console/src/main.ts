import 'element-plus/theme-chalk/base.css'
import '@shared/tokens.css'
import './styles/base.css'
import './styles/frame.css'
import './styles/clocks.css'
import './styles/loop.css'
import './styles/lists.css'
import './styles/ticket.css'
import './styles/desks.css'
import './styles/states.css'
import './styles/overlays.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { onLoggedOut, onUnanswered } from './api/client'
import { i18n } from './i18n'
import { router } from './router'
import { useSession } from './stores/session'
import { useSettings } from './stores/settings'
import { useStream } from './stores/stream'

const app = createApp(App).use(createPinia()).use(i18n)
const settings = useSettings()
const session = useSession()

onLoggedOut(() => {
  if (session.user === null) return
  session.expired()
  const here = router.currentRoute.value.fullPath
  void router.push({ name: 'log-in', query: { then: here, ended: '1' } })
})

onUnanswered(() => useStream().missedAnswer())

await settings.show(settings.language)
app.use(router).mount('#app')
