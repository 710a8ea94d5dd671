export default {
  title: '登記投訴', nav: '登記', open: '登記投訴', channel: '來源', out: '我們聯絡的客戶', who: '誰', phone: '電話', name: '姓名', email: '電子郵件', someoneElse: '換一個人',
  contactRule: '電話和電子郵件至少留一個，受理通知和回訪都用它。', contactToo: '他另外留了聯絡方式就填上，沒有就空著。', what: '什麼事', category: '類別', unclear: '還不清楚', type: '類型',
  problem: '客戶的原話', problemRule: '照客戶的話寫，一字不改，客戶查詢時看得到。', object: '關於什麼', occurredAt: '什麼時候的事', wish: '客戶想怎麼解決', waiting: '客戶正在等', vip: '重點客戶',
  confidential: '保密，只有少數人知道是誰', lacks: '還有要填的', submit: '登記', done: '已登記 {number}', parked: '收下了，但沒能歸成工單，來件號 {receipt}。會有人處理。', clear: '清空', cleared: '已清空',
  beside: '客戶與時限', onFile: '可能是他', onFileHelp: '填電話或姓名，舊客戶會列在這裡。', nobodyKnown: '沒有這樣的舊客戶，登記後會建一個。', openAlready: '他有還沒辦完的事。是同一件就打開那張單，不用再登記。',
  promised: '可以這樣答應客戶', promisedRule: '現在登記的話，最遲這些時候。',
}
