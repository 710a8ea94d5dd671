import { BarChart } from 'echarts/charts'
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import type { ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([AriaComponent, BarChart, CanvasRenderer, GridComponent, TooltipComponent])

export { init }
export type { ECharts }
