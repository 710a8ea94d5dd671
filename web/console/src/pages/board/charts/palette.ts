const seriesOf = { light: ['#14596b', '#4b8594', '#848f93', '#3a464b'], dark: ['#5fb0c2', '#3f7f8f', '#8fa5ad', '#6b777d'] } as const

export interface Palette {
  series: readonly string[]
  text: string
  faint: string
  line: string
  surface: string
  warn: string
  over: string
  font: string
}

/** The colours of the theme that is on, as a canvas needs them. */
export function palette(dark: boolean): Palette {
  const style = getComputedStyle(document.documentElement)
  const role = (name: string) => style.getPropertyValue(`--hy-${name}`).trim()
  return {
    series: dark ? seriesOf.dark : seriesOf.light,
    text: role('text'),
    faint: role('text-3'),
    line: role('line'),
    surface: role('surface'),
    warn: role('warn-solid'),
    over: role('over-solid'),
    font: role('font'),
  }
}

export const seriesColour = (dark: boolean, at: number) => {
  const series = dark ? seriesOf.dark : seriesOf.light
  return series[at % series.length] ?? series[0]
}
