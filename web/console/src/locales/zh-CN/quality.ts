export default {
  title: '质量',
  suspicions: {
    title: '疑点', note: '像是为赶时限办结的。只是迹象，不是结论。', days: '回单时间', last: '近 {n} 天', replied: '回单', signs: '迹象', none: '没有疑点', noneText: '这段时间的回单里没有发现迹象。',
    maybeMore: '还没看完，再往前看。', further: '再往前看',
    sign: { closed_without_contact: '没联系客户就回单', completed_in_burst: '短时间内成批回单', repeat_within_30d: '30 天内同样的事又来', answered_from_other_number: '接电话的不是客户的号码' },
  },
  problems: {
    title: '问题记录', add: '立问题', none: '没有这样的问题记录', noneText: '几张单背后是同一个原因，就立一条，盯住纠正措施。', all: '全部', heading: '标题', cause: '根本原因', category: '类别', anyCategory: '不限一类',
    department: '责任部门', action: '纠正措施', actionDone: '措施已落实', due: '期限', tickets: '工单', ticketCount: '{n} 张单', noDue: '没有期限', opened: '{who} 于 {time} 立', state: { open: '待定措施', corrective_action: '整改中', closed: '已关闭' },
    start: '开始整改', close: '关闭问题', reopen: '重新打开', needsForAction: '写明措施、责任部门和期限，才能开始整改。', needsForClose: '措施落实了才能关闭。', saved: '问题记录已保存', made: '已立问题', link: '加工单', linkNumbers: '单号，逗号或换行分开',
    linkNow: '加上', linked: '已加 {n} 张单', notFound: '没找到：{numbers}', noTickets: '还没有加工单，或者不归你看。',
  },
}
