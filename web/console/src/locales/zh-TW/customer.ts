export default {
  title: '客戶', searchTitle: '客戶', search: '找客戶', searchHint: '姓名、電話、電子郵件', searchHelp: '至少兩個字。電話可輸前三碼以上或後四碼。', notFound: '沒有找到「{q}」', since: '{time} 起',
  profile: '客戶資料', kind: { person: '個人', organisation: '單位' }, identities: '聯絡方式', identity: { phone: '電話', email: '郵件', visitor: '訪客', account: '帳號', chat: '聊天' }, state: { verified: '已核實', claimed: '自稱' }, noIdentity: '沒有聯絡方式。',
  timeline: '全部往來', timelineNote: '各管道，最新在前', timelineEmpty: '還沒有往來紀錄。', internal: '內部', unproven: '身分未核實', older: '更早的',
  matters: '工單', openMatters: '未了的事', doneMatters: '辦完的', noOpen: '沒有未了的事。', noDone: '沒有辦完的。',
  unread: '你不能看客戶資料', unreadText: '要求匯出或刪除的客戶，可以在這裡辦。',
  erased: '資料已刪除', isMerged: '這位客戶已併入另一位，往來和工單都在那邊。', goThere: '去那邊', export: '匯出', exported: '已匯出',
  edit: { open: '編輯', title: '客戶資料', name: '姓名', tags: '標籤', note: '備註', tagsHint: '用逗號隔開，最多 20 個。', tooMany: '最多 20 個標籤。', tooLong: '每個標籤最多 40 字。', now: '別人改成了：{text}', takeTheirs: '用這個', keepMine: '用我的', done: '已儲存' },
  noNote: '沒有備註。',
  merge: {
    start: '合併', title: '把{name}併入', preview: '合併預覽', source: '併入對方', target: '保留', other: '換一位', submit: '合併客戶', done: '已合併，30 天內可以復原', undone: '已復原合併', undo: '復原合併',
    count: { identities: '聯絡方式', interactions: '往來', entries: '紀錄', tickets: '工單' }, open: '{name} 未了：{numbers}',
    conflict: { kind: '一個是個人，一個是單位，依保留的一方', name: '姓名不同，依保留的一方', profile: '兩邊都有標籤或備註，依保留的一方', conversation: '兩邊都有進行中的對話，被併的一方會關上', matter: '兩邊可能有同一件未了的事' },
    consequence: '全部聯絡方式、往來和工單移到對方，這裡只留一個指向。30 天內可以復原。',
  },
  erase: { open: '刪除資料', title: '刪除{name}的資料', consequence: '姓名、聯絡方式、原話和檔案立刻刪除，無法還原。日誌只留誰在何時刪除。', type: '輸入 {phrase} 確認', submit: '刪除資料', done: '資料已刪除' },
}
