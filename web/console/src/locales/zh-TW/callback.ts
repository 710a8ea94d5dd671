export default {
  title: '回訪台', waiting: '{n} 待訪', order: '依到期與約定', queue: '回訪佇列', content: '回訪內容', verdict: '回訪結果', drafted: '邊聽邊填，自動存草稿',
  now: '現在可打', later: '稍後', doneToday: '今天已完成', nobodyNow: '現在沒有要打的。', closedUntil: '不在回訪時段，{time} 起可以打。', nobody: '沒有待回訪的', nobodyText: '審核通過的回覆單會自己出現在這裡。',
  hours: '今天允許回訪 {spans}，現在 {now}', span: '{from} 到 {to}', spanBreak: '、',
  lastTry: '最後一次', skipped: '你經辦過', agreedAt: '客戶約 {time}', agreed: '客戶約定 {time}', from: '{time} 可打', since: '{time} 起', nth: '第 {n} 次', attempt: '第 {n} 次，共 {of} 次',
  agent: '由{name}打', aboutWithdrawal: '核實撤回', phones: '電話號碼', noPhone: '沒有留電話', dial: '撥號', you: '您', exhausted: '已打滿次數。由主管決定是否依聯絡不上結案，客戶會收到一鍵評分簡訊。',
  story: {
    said: '他說過什麼', promised: '我們承諾過什麼', done: '做了什麼', say: '這樣說', erased: '原話已刪除', before: '{time} 回訪不滿意：{reason}',
    doneInTime: '{what} {time}，期限 {due}', doneLate: '{what} {time}，超過期限 {due}', stillOpen: '{what}還沒到，期限 {due}', noReply: '沒有寫回覆單', solution: '方案：{text}', by: '{department} {who} {time}',
  },
  script: {
    opening: '您好，這裡是{house}，我是{me}。{name}，您 {day} 反映的事，依紀錄已經辦理，想跟您核實一下。',
    questions: '這件事您覺得解決了沒有？對結果、快慢、態度，5 分最滿意，您各打幾分？',
    withdrawal: '紀錄上您不再要我們處理這件事。是您自己的意思嗎？', rule: '先問是否解決，再問滿意度；不引導、不催促，客戶的原話照記。',
  },
  isSolved: '解決了沒有', solved: { yes: '已解決', partly: '部分解決', no: '未解決' }, score: { result: '結果', time: '快慢', attitude: '態度' }, scoreOf: '{what} {n} 分', scoreNone: '{what} 未評分', notRated: '未評',
  whyNot: '不滿意原因', words: '客戶原話', wordsNote: '回訪時客戶原話：{words}', wordsLost: '結論已記，客戶原話沒存上：{words}',
  then: { closes: '送出後結案', reworks: '送出後進入第 {n} 輪', disputes: '送出後重新判定' },
  thenText: { closes: '依客戶確認結案，30 天內可以重開。', reworks: '退回{department}重新處理，不得沿用原方案。新期限是原期限的一半；客戶時鐘繼續走。', disputes: '客戶不認可「不成立」，回到投訴處理部門重新判定。' },
  submit: '送出', submitAs: { closes: '送出：結案', reworks: '送出：不滿意，退回重辦', disputes: '送出：有異議，重新判定' },
  done: { closes: '{number} 已結案', reworks: '{number} 已退回重辦', disputes: '{number} 已回到判定' },
  notReached: '沒接通：', miss: { no_answer: '無人接', busy: '忙線', wrong_number: '錯號', refused: '不願談', later: '改時間' }, missed: '{number} 已記：{outcome}',
  laterAt: '客戶約的時間', agreeLater: '記下約定', survey: { sms: '電話沒打通，改發簡訊評分', email: '電話沒打通，改發郵件評分', link: '評分連結', make: '取評分連結', sent: '記已發' },
}
