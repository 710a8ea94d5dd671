export default {
  title: '部门台', card: '{number} {title}', choose: '部门', scope: '范围', wholeDepartment: '本部门', onlyMine: '只看我的', none: '你不在任何部门', noneText: '找管理员把你加进承办部门。',
  youAreA: '你是 A 角；B 角{name}', youAreB: '你是 B 角；A 角{name}', youLead: '你是负责人',
  lane: { toAccept: '待签收', atWork: '处理中', back: '被退回' },
  laneNote: { toAccept: '签收一半时限转 B 角', atWork: '按部门时钟', back: '为什么退，写在卡片上' },
  laneEmpty: { toAccept: '没有待签收的单。', atWork: '没有处理中的单。', back: '没有被退回的单。' },
  ledBy: '主办{department}', coHandlers: '协办 {n} 个部门',
  today: '本部门今天', rates: '本月三率', rate: { response_rate: '响应率', solved_rate: '解决率', satisfied_rate: '满意率' }, rateOf: '{whole} 件中 {part} 件，未评价不计',
  duty: '值守', contact_a: 'A 角', contact_b: 'B 角', inactive: '已停用', nobody: '没有人值守，新单会直接报负责人',
  waiting: '等别人', waitingFor: { approval: '待领导审批', coHandlers: '协办未完', review: '回单审核中', callback: '待回访' },
}
