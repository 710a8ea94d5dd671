// The moment of the design's pictures, as the daemon would tell it.
const at = (time) => new Date(`2026-${time}:00+08:00`).toISOString()

export const times = { now: '2026-02-26T14:32:00+08:00' }

const names = (zhCN, zhTW, en) => ({ 'zh-CN': zhCN, 'zh-TW': zhTW, en })
const field = (code, place, kind, label, values = null) => ({ code, place, kind, required: code === 'problem', label, max_length: null, values })
const own = [
  field('problem', 'complaint', 'long_text', names('发生了什么', '發生了什麼事', 'What happened')),
  field('object', 'complaint', 'text', names('涉及的物品、地点或人员', '涉及的物品、地點或人員', 'What or who it is about')),
  field('occurred_at', 'complaint', 'time', names('什么时候发生的', '什麼時候發生的', 'When it happened')),
]
const district = field('district', 'fields', 'choice', names('投递区域', '投遞區域', 'Delivery district'), [
  { code: 'east', name: names('城东', '城東', 'East') }, { code: 'west', name: names('城西', '城西', 'West') },
])
const category = (code, name, solution, fields = [], confidential = false) => ({
  code, name, confidential, fields: [...own, ...fields], first_answer_by: at('02-26T14:42'), solution_by: at(solution),
})

export const form = {
  title: names('晨报发行', '晨報發行', 'Morning Post Delivery'), language: 'zh-CN', at: at('02-26T14:33'),
  time_zone: 'Asia/Shanghai', phone: '022-0000 0000', phone_hours: '8:00–20:00',
  categories: [
    category('missed_copy', names('没收到、送错', '沒收到、送錯', 'Not delivered, wrong paper'), '02-27T12:00', [district]),
    category('late_or_damaged', names('送晚了、破损', '送晚了、破損', 'Late or damaged'), '02-27T14:32', [district]),
    category('carrier_conduct', names('投递员服务', '投遞員服務', 'Carrier’s conduct'), '03-03T23:59'),
    category('subscription_billing', names('订阅、退款、改地址', '訂閱、退款、改地址', 'Subscription, refund, address'), '03-03T23:59'),
    category('content_advertisement', names('内容或广告', '內容或廣告', 'Content or advertisement'), '03-05T23:59'),
    category('report', names('举报', '檢舉', 'Report'), '03-12T23:59', [], true),
    category('suggestion', names('建议', '建議', 'Suggestion'), '03-12T23:59'),
  ],
}

export const secondRound = {
  stage: 'in_progress',
  category: { code: 'carrier_conduct', name: names('投递员服务', '投遞員服務', 'Carrier’s conduct') },
  department: { code: 'west', name: names('河西发行总站', '河西發行總站', 'Hexi main station') },
  next_promise_at: new Date('2026-02-27T23:59:59+08:00').toISOString(),
  next_promise_kind: 'answer',
  reopen_until: null,
  acts: ['added_word', 'urge', 'withdrawal'].map((act) => ({ act, open: true, again_at: null })),
  history: [
    ['received', '02-24T08:12', 'registered'], ['assigned', '02-24T08:31', 'assigned'], ['in_progress', '02-24T09:05', 'work_began'],
    ['reviewing', '02-25T06:48', 'answered'], ['calling_back', '02-25T09:30', 'asking_you'], ['in_progress', '02-25T10:06', 'not_solved'],
  ].map(([stage, time, what]) => ({ stage, at: at(time), what })),
}
