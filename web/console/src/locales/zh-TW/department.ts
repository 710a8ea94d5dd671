export default {
  title: '部門台', card: '{number} {title}', choose: '部門', scope: '範圍', wholeDepartment: '本部門', onlyMine: '只看我的', none: '你不在任何部門', noneText: '請管理員把你加進承辦部門。',
  youAreA: '你是 A 角；B 角{name}', youAreB: '你是 B 角；A 角{name}', youLead: '你是主管',
  lane: { toAccept: '待簽收', atWork: '處理中', back: '被退回' },
  laneNote: { toAccept: '簽收過半時限轉 B 角', atWork: '依部門時鐘', back: '為什麼退，寫在卡片上' },
  laneEmpty: { toAccept: '沒有待簽收的單。', atWork: '沒有處理中的單。', back: '沒有被退回的單。' },
  ledBy: '主辦{department}', coHandlers: '協辦 {n} 個部門',
  today: '本部門今天', rates: '本月三率', rate: { response_rate: '回應率', solved_rate: '解決率', satisfied_rate: '滿意率' }, rateOf: '{whole} 件中 {part} 件，未評分不計',
  duty: '值班', contact_a: 'A 角', contact_b: 'B 角', inactive: '已停用', nobody: '沒有人值班，新單會直接報主管',
  waiting: '等別人', waitingFor: { approval: '待主管核准', coHandlers: '協辦未完', review: '回覆單審核中', callback: '待回訪' },
}
