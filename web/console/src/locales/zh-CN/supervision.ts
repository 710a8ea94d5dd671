export default {
  title: '督办台', note: '先裁定，再催办',
  group: { rulings: '退单待仲裁', extensions: '延期待批', unreachable: '联系不上，待你决定', supervised: '督办中', rounds: '第 2 轮以上', overdue: '逾期' },
  ladder: '升级到哪一级', rung: { department: '承办部门', supervisor: '主管', supervision: '督办', executives: '领导名单' },
  counted: '催办 {urges} 次·第 {rounds} 轮·退单 {returns} 次·换部门 {moves} 次', doneAt: '{time} 才完成', unanswered: '还没书面答复',
}
