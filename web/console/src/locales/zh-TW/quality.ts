export default {
  title: '品質',
  suspicions: {
    title: '疑點', note: '像是為趕時限結案的。只是跡象，不是結論。', days: '回覆時間', last: '近 {n} 天', replied: '回覆', signs: '跡象', none: '沒有疑點', noneText: '這段期間的回覆裡沒有發現跡象。',
    maybeMore: '還沒看完，再往前看。', further: '再往前看',
    sign: { closed_without_contact: '沒聯絡客戶就回覆', completed_in_burst: '短時間內成批回覆', repeat_within_30d: '30 天內同樣的事又來', answered_from_other_number: '接電話的不是客戶的號碼' },
  },
  problems: {
    title: '問題紀錄', add: '立問題', none: '沒有這樣的問題紀錄', noneText: '幾張單背後是同一個原因，就立一筆，盯住矯正措施。', all: '全部', heading: '標題', cause: '根本原因', category: '類別', anyCategory: '不限一類',
    department: '責任部門', action: '矯正措施', actionDone: '措施已落實', due: '期限', tickets: '工單', ticketCount: '{n} 張單', noDue: '沒有期限', opened: '{who} 於 {time} 立', state: { open: '待定措施', corrective_action: '改善中', closed: '已關閉' },
    start: '開始改善', close: '關閉問題', reopen: '重新開啟', needsForAction: '寫明措施、責任部門和期限，才能開始改善。', needsForClose: '措施落實了才能關閉。', saved: '問題紀錄已儲存', made: '已立問題', link: '加工單', linkNumbers: '單號，以逗號或換行分開',
    linkNow: '加上', linked: '已加 {n} 張單', notFound: '找不到：{numbers}', noTickets: '還沒有加工單，或者不歸你看。',
  },
}
