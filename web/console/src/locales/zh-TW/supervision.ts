export default {
  title: '督辦台', note: '先裁定，再催辦',
  group: { rulings: '退單待仲裁', extensions: '展延待核', unreachable: '聯絡不上，待你決定', supervised: '督辦中', rounds: '第 2 輪以上', overdue: '逾期' },
  ladder: '升級到哪一級', rung: { department: '承辦部門', supervisor: '主管', supervision: '督辦', executives: '首長名單' },
  counted: '催辦 {urges} 次·第 {rounds} 輪·退單 {returns} 次·換部門 {moves} 次', doneAt: '{time} 才完成', unanswered: '還沒書面答覆',
}
