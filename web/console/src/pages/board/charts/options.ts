import type { BarSeriesOption } from 'echarts/charts'
import type { AriaComponentOption, GridComponentOption, TooltipComponentOption } from 'echarts/components'
import type { ComposeOption } from 'echarts/core'
import type { HourlyIntake } from '../summary'
import type { Palette } from './palette'

export type ChartOption = ComposeOption<BarSeriesOption | GridComponentOption | TooltipComponentOption | AriaComponentOption>

const still = { animation: false } as const

function frame(colours: Palette): ChartOption {
  return {
    ...still,
    textStyle: { fontFamily: colours.font },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      axisPointer: { type: 'shadow', shadowStyle: { opacity: 0.12 } },
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 12 },
    },
  }
}

const label = (colours: Palette) => ({ show: true, color: colours.text, fontSize: 14, fontWeight: 500 as const })

/** Contacts by hour, one bar over the other by channel; the hour that is not over yet is paler. */
export function intakeOption(intake: HourlyIntake, names: (channel: string) => string, hourNow: number) {
  return (colours: Palette): ChartOption => ({
    ...frame(colours),
    grid: { left: 4, right: 4, top: 12, bottom: 4, containLabel: true },
    xAxis: {
      type: 'category',
      data: Array.from({ length: 24 }, (_, hour) => String(hour)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.faint, fontSize: 12, interval: 3 },
    },
    yAxis: { type: 'value', min: 0, minInterval: 1, axisLabel: { color: colours.faint, fontSize: 12 }, splitLine: { lineStyle: { color: colours.line } } },
    series: intake.channels.map((channel, at) => ({
      type: 'bar' as const,
      name: names(channel),
      stack: 'contacts',
      barMaxWidth: 18,
      itemStyle: { color: colours.series[at % colours.series.length], borderColor: colours.surface, borderWidth: 0.5 },
      data: (intake.counts.get(channel) ?? []).map((value, hour) => (value === 0 ? null : hour === hourNow ? { value, itemStyle: { opacity: 0.55 } } : value)),
    })),
  })
}

export interface LevelBar {
  name: string
  value: number
  tone: 'plain' | 'warn' | 'over'
}

/** Lying bars with their number behind. */
export function levelOption(bars: readonly LevelBar[]) {
  return (colours: Palette): ChartOption => ({
    ...frame(colours),
    grid: { left: 4, right: 44, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: 'value', min: 0, show: false },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map((bar) => bar.name),
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: colours.faint, fontSize: 13, align: 'left', margin: 76 },
    },
    series: [{
      type: 'bar',
      barMaxWidth: 24,
      label: { ...label(colours), position: 'right' },
      data: bars.map(({ value, tone }) => ({
        value,
        itemStyle: { borderRadius: 2, color: tone === 'plain' ? colours.series[0] : tone === 'warn' ? colours.warn : colours.over },
      })),
    }],
  })
}

export interface StandingBar {
  name: string
  value: number
  overdue: number
}

/** Standing bars, what of them is overdue at their foot and as a number below. */
export function standingOption(bars: readonly StandingBar[], overdueName: string, inTimeName: string) {
  return (colours: Palette): ChartOption => ({
    ...frame(colours),
    grid: { left: 4, right: 4, top: 24, bottom: 4, containLabel: true },
    xAxis: {
      type: 'category',
      data: bars.map((bar) => bar.name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: {
        interval: 0,
        color: colours.faint,
        fontSize: 13,
        formatter: (name: string, at: number) => {
          const overdue = bars[at]?.overdue ?? 0
          return overdue > 0 ? `${name}\n{over|${overdue}}` : `${name}\n–`
        },
        lineHeight: 20,
        rich: { over: { color: colours.over, fontWeight: 600, fontSize: 13, lineHeight: 20 } },
      },
    },
    yAxis: { type: 'value', min: 0, show: false },
    series: [
      { type: 'bar', name: overdueName, stack: 'tickets', barMaxWidth: 44, itemStyle: { color: colours.over }, data: bars.map((bar) => bar.overdue) },
      {
        type: 'bar',
        name: inTimeName,
        stack: 'tickets',
        barMaxWidth: 44,
        itemStyle: { color: colours.series[1] },
        label: { ...label(colours), position: 'top', formatter: ({ dataIndex }) => String(bars[dataIndex]?.value ?? 0) },
        data: bars.map((bar) => bar.value - bar.overdue),
      },
    ],
  })
}
