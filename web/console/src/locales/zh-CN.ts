import common from './zh-CN/common'
import frame from './zh-CN/frame'
import domain from './zh-CN/domain'
import problem from './zh-CN/problem'
import tickets from './zh-CN/tickets'
import ticket from './zh-CN/ticket'
import callback from './zh-CN/callback'
import department from './zh-CN/department'
import board from './zh-CN/board'
import reports from './zh-CN/reports'
import admin from './zh-CN/admin'
import knowledge from './zh-CN/knowledge'
import customer from './zh-CN/customer'
import desks from './zh-CN/desks'
import officer from './zh-CN/officer'
import supervision from './zh-CN/supervision'
import quality from './zh-CN/quality'
import registration from './zh-CN/registration'
import rules from './zh-CN/rules'

const messages = { common, frame, domain, problem, tickets, ticket, callback, department, board, reports, admin, knowledge, customer, desks, officer, supervision, quality, registration, rules }

type Words<T> = { [K in keyof T]: T[K] extends string ? string : Words<T[K]> }

/** The shape of every language: that of this one. */
export type Messages = Words<typeof messages>

export default messages as Messages
