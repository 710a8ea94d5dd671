export default {
  title: 'Supervision desk', note: 'Rulings first, then pressure',
  group: { rulings: 'Returned, to be ruled on', extensions: 'Extensions asked for', unreachable: 'Unreachable, you decide', supervised: 'Under supervision', rounds: 'Round 2 and above', overdue: 'Overdue' },
  ladder: 'Escalated to', rung: { department: 'Department', supervisor: 'Supervisor', supervision: 'Supervision', executives: 'Executive list' },
  counted: 'urged {urges} · round {rounds} · returned {returns} · moved {moves}', doneAt: 'done only at {time}', unanswered: 'No written answer yet',
}
