export default {
  title: '投诉台', note: '先回单，再判定',
  group: { replies: '审核回单', classify: '分类', judge: '判定和派单', returned: '退回重派', invalid: '答复不成立', extensions: '延期待批' },
  proposal: '按规则派给{department}', proposalWhy: '类别“{category}”，{priority}。要改就在下面选别的部门。', noProposal: '没有规则能派', noProposalWhy: '这个类别没有对应的部门，要主管选。',
  presumedValid: '这类投诉默认成立。', linked: '{number} 已归入 {other} 同案', merged: '{number} 已并入 {other}', isLinked: '已归同案',
}
