export default {
  title: '回访台', waiting: '{n} 待访', order: '按到期与约定', queue: '回访队列', content: '回访内容', verdict: '回访结果', drafted: '边听边填，自动存草稿',
  now: '现在可打', later: '稍后', doneToday: '今天已完成', nobodyNow: '现在没有要打的。', closedUntil: '不在回访时段，{time} 起可以打。', nobody: '没有待回访的', nobodyText: '审核通过的回单会自己出现在这里。',
  hours: '今天允许回访 {spans}，现在 {now}', span: '{from} 到 {to}', spanBreak: '、',
  lastTry: '最后一次', skipped: '你经办过', agreedAt: '客户约 {time}', agreed: '客户约定 {time}', from: '{time} 可打', since: '{time} 起', nth: '第 {n} 次', attempt: '第 {n} 次，共 {of} 次',
  agent: '由{name}打', aboutWithdrawal: '核实撤诉', phones: '电话号码', noPhone: '没有留电话', dial: '拨号', you: '您', exhausted: '已打满次数。由主管决定是否按联系不上办结，客户会收到一键评价短信。',
  story: {
    said: '他说过什么', promised: '我们承诺过什么', done: '做了什么', say: '这样说', erased: '原话已删除', before: '{time} 回访不满意：{reason}',
    doneInTime: '{what} {time}，期限 {due}', doneLate: '{what} {time}，超过期限 {due}', stillOpen: '{what}还没到，期限 {due}', noReply: '没有写回单', solution: '方案：{text}', by: '{department} {who} {time}',
  },
  script: {
    opening: '您好，这里是{house}，我是{me}。{name}，您 {day} 反映的事，按记录已经办理，想跟您核实一下。',
    questions: '这件事您觉得解决了没有？对结果、快慢、态度，5 分最满意，您各打几分？',
    withdrawal: '记录上您不再要我们处理这件事。是您自己的意思吗？', rule: '先问是否解决，再问满意度；不引导、不催促，客户的原话照记。',
  },
  isSolved: '解决了没有', solved: { yes: '已解决', partly: '部分解决', no: '未解决' }, score: { result: '结果', time: '快慢', attitude: '态度' }, scoreOf: '{what} {n} 分', scoreNone: '{what} 未评价', notRated: '未评',
  whyNot: '不满意原因', words: '客户原话', wordsNote: '回访时客户原话：{words}', wordsLost: '结论已记，客户原话没存上：{words}',
  then: { closes: '提交后办结', reworks: '提交后进入第 {n} 轮', disputes: '提交后重新判定' },
  thenText: { closes: '按客户确认办结，30 天内可以重开。', reworks: '退回{department}重新处理，不得沿用原方案。新期限是原期限的一半；客户时钟继续走。', disputes: '客户不认可“不成立”，回到投诉处理部门重新判定。' },
  submit: '提交', submitAs: { closes: '提交：办结', reworks: '提交：不满意，退回重办', disputes: '提交：有异议，重新判定' },
  done: { closes: '{number} 已办结', reworks: '{number} 已退回重办', disputes: '{number} 已回到判定' },
  notReached: '没接通：', miss: { no_answer: '无人接', busy: '占线', wrong_number: '错号', refused: '不愿谈', later: '改时间' }, missed: '{number} 已记：{outcome}',
  laterAt: '客户约的时间', agreeLater: '记下约定', survey: { sms: '电话没打通，改发短信评价', email: '电话没打通，改发邮件评价', link: '评价链接', make: '取评价链接', sent: '记已发' },
}
