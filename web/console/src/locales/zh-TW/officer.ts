export default {
  title: '投訴台', note: '先回覆單，再判定',
  group: { replies: '審核回覆單', classify: '分類', judge: '判定和派單', returned: '退回重派', invalid: '答覆不成立', extensions: '展延待核' },
  proposal: '依規則派給{department}', proposalWhy: '類別「{category}」，{priority}。要改就在下面選別的部門。', noProposal: '沒有規則能派', noProposalWhy: '這個類別沒有對應的部門，要主管選。',
  presumedValid: '這類投訴預設成立。', linked: '{number} 已歸入 {other} 同案', merged: '{number} 已併入 {other}', isLinked: '已歸同案',
}
