import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { api } from '@/api/client'
import type { Metric, MetricInfo } from './figure'

export const groups = ['volume', 'onTime', 'content', 'loops', 'spans', 'house'] as const
export type Group = (typeof groups)[number]

const membersOf: Record<Exclude<Group, 'loops'>, readonly Metric[]> = {
  volume: ['tickets', 'complaints', 'closed', 'backlog', 'urge_rate', 'repeat_complaint_rate', 'e_ticket_share'],
  onTime: [
    'on_time', 'on_time_original', 'within_limit', 'response_rate', 'on_time_first_response', 'on_time_dispatch', 'on_time_accept', 'on_time_contact',
    'on_time_on_site', 'on_time_solution', 'on_time_approve', 'on_time_rework', 'on_time_progress', 'on_time_urge_reply', 'on_time_supervision_reply',
    'on_time_callback', 'on_time_review', 'on_time_invalid_reply',
  ],
  content: [
    'satisfied_rate', 'solved_rate', 'callback_rate', 'callback_success', 'csat_result', 'csat_time', 'csat_attitude', 'top2_result', 'top2_time',
    'top2_attitude', 'dsat_result', 'dsat_time', 'dsat_attitude', 'fcr_repeat',
  ],
  spans: ['resolve_mean', 'resolve_median', 'resolve_business_mean', 'resolve_business_median', 'holding_time'],
  house: ['three_rates', 'department_index', 'complaints_per_10000', 'silent_estimate'],
}

const named = Object.values(membersOf).flat()

/** What is measured, with its formula: the server's own words. */
export const useMetrics = defineStore('metrics', () => {
  const all = shallowRef<MetricInfo[]>([])
  let asking: Promise<void> | null = null

  function load(): Promise<void> {
    asking ??= api
      .get('/api/v1/reports/metrics')
      .then((answer) => {
        all.value = answer.items
      })
      .catch((thrown: unknown) => {
        asking = null
        throw thrown
      })
    return asking
  }

  const byName = computed(() => new Map(all.value.map((info) => [info.metric, info])))

  /** Of a group, in the order people look for them; what is named in none is about the loop. */
  function inGroup(group: Group): MetricInfo[] {
    if (group === 'loops') return all.value.filter((info) => !named.includes(info.metric))
    return membersOf[group].flatMap((metric) => byName.value.get(metric) ?? [])
  }

  return { all, byName, load, inGroup }
})
