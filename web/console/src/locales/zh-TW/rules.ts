export default {
  categories: { title: '類別與時限' }, otherSettings: '其他設定', edited: '改過', readOnly: '只有管理員能改，這裡只能看。',
  version: '第 {n} 版·{who} {when} 發布', versionShort: '第 {n} 版', draftOn: '草稿，以第 {n} 版為底', discard: '放棄', discarded: '已放棄修改', published: '第 {n} 版已發布',
  stale: '{who}{when}發布了第 {n} 版。你的修改都在，看過新版再發布。', goOn: '接著新版改', both: '這幾項新版也改過，先留你的值，請核對：{what}',
  ownLeader: '主辦部門主管', leaderOf: '{department}的主管', byAnswer: '{value} → {department}', steps: '時限', otherSteps: '其他時限', step: '步驟', limit: '限時', calendar: '依哪個行事曆', from: '從何時起', onHold: '暫停時',
  was: '原 {what}', amountOf: '{what} 限時', unitOf: '{what} 單位', calendarOf: '{what} 行事曆', allDay: '7×24', stops: '暫停', runs: '不停',
  begins: { complaint: '受理', own: '發生時', after: '{step}之後' },
  dayRule: '工作日：起算當天不計，到第 n 個工作日 23:59:59 止。退單、轉辦不重新起算。客戶時鐘從不暫停。',
  unit: { m: '分鐘', h: '小時', d: '天', bm: '辦公分鐘', bh: '辦公小時', wd: '工作日' },
  amount: { m: '{n} 分鐘', h: '{n} 小時', d: '{n} 天', bm: '{n} 辦公分鐘', bh: '{n} 辦公小時', wd: '{n} 個工作日' },
  cutoff: { sameDay: '{before} 前的當天 {due}', later: '{before} 前的 {n} 個工作日後 {due}', and: '；' },
  priority: { P1: 'P1 特急', P2: 'P2 緊急', P3: 'P3 一般', P4: 'P4 不急' },
  ladder: {
    title: '到期階梯', half: { when: '50%', what: '提醒承辦人；簽收轉 B 角' }, warning: { when: '80%', what: '或剩 1 個工作日：黃牌，承辦人與主管' }, breach: { when: '100%', what: '紅牌，記逾時，值班經理' },
    plus_1wd: { when: '+1 工作日', what: '督辦員立督辦單' }, plus_5wd: { when: '+5 工作日', what: '列入主管清單' }, daily_repeat: { when: '之後每天', what: '每天再提醒一次' },
  },
  limits: '次數與展延', reworkRule: '原限的一半，由系統訂',
  key: {
    department: '主辦部門', department_otherwise: '主辦部門（答案沒指定時）', priority: '優先順序', approval_from: '核准', open_to_public: '線上投訴可以選這一類', rework: '重辦期限', direct_authority_cents: '當場解決的金額',
    limits_max_returns: '最多退單次數', limits_max_extensions: '最多展延次數', limits_max_extension: '每次最多展延', limits_max_holds: '最多暫停次數', limits_max_promise: '承諾最長',
    type: '類型', presumed_valid: '預設成立', resolve_from_created: '從受理起算答覆', callback_sample_percent: '回訪抽樣', system_may_close: '系統可結案', weekly: '每週時間', holidays: '假日表', time_zone: '時區',
  },
  part: { category: '類別', calendar: '行事曆', reason: '原因', department: '部門', user: '人員', pack: '規則', root_cause: '根本原因', field: '登記項目', template: '答覆範本' },
  new: {
    open: '新增類別', title: '新類別', name: '名稱（{language}）', nameMissing: '三種語言的名稱都要寫。', code: '代碼', codeRule: '小寫字母、數字、- 和 _，定了不再改。', taken: '這個代碼已經有了。',
    like: '照哪一類開始', likeText: '期限、部門和次數先照它，加進草稿以後再改。', add: '加進草稿', tag: '新', drop: '不加這一類',
  },
  publish: {
    title: '發布第 {n} 版', open: '發布第 {n} 版…', submit: '發布第 {n} 版', trial: '試算', what: '改什麼', before: '原來', after: '改成', whole: '整項', loaded: '載入', nothing: '和現在一樣，沒有要發布的。',
    wrong: '有幾處不對，改好再發布：', new: '新受理的工單照新規則。',
  },
  effect: {
    title: '發布後的影響', unchanged: '還沒有修改。', none: '沒有辦理中的工單受影響。', some: '{n} 張辦理中的工單重算期限：已用的時間照算，剩下的照新規則。', more: '超過 {n} 張辦理中的工單重算期限：已用的時間照算，剩下的照新規則。',
  },
  try: {
    title: '試算', text: '假如這時受理，各步最遲何時到期', at: '受理時間', now: '現在', result: '試算結果', due: '試算到期', after: '{step} {what}', yellow: '黃牌', yellowWhen: '快到期，提醒承辦人與主管', red: '紅牌', redWhen: '逾時即記',
    wrong: '左邊有不對的，改好再試算。',
    provisional: '{year} 年行事曆還沒有載入：跨年到期先以週一至週五計，載入後重算。',
  },
  weekday: { d0: '日', d1: '一', d2: '二', d3: '三', d4: '四', d5: '五', d6: '六' },
  month: { name: '{y} 年 {m} 月', start: '起', due: '到期', off: '休', work: '班', said: '{day} 日{what}', counts: '計第 {n} 天', and: '，' },
  calendars: {
    title: '假日與補班', yearTitle: '一年的休假與補班', list: '假日表', earlier: '上一年', later: '下一年', followers: '依它計算的行事曆：{calendars}', month: '{m} 月', year: '假日 {name}',
    help: '點一天改它：工作日在休和不休之間換，週末在補班、休、不標之間換。按住 Shift 點另一天，中間都一樣。', day: '{m} 月 {d} 日 {weekday}，{kind}', kind: { off: '休', work: '補班', weekend: '週末', workday: '工作日' },
    source: '依據', sourceRule: '寫公告的名稱和日期，查期限時看得到。', noYear: '{year} 年還沒有載入', noYearText: '沒有載入的年份先以週一至週五計。', begin: '填 {year} 年', save: '儲存…', saved: '已儲存，現在是第 {n} 版', stale: '別人剛改過這一年。你的修改都在。',
    hours: '每週辦公時間', hoursRule: '一天可以有幾段，像 09:00-12:00, 13:00-18:00。空著就是不辦公。', calendar: '行事曆', closed: '不辦公', follows: '依 {list}', hoursOf: '{calendar} {day}',
    weekday: { mon: '週一', tue: '週二', wed: '週三', thu: '週四', fri: '週五', sat: '週六', sun: '週日' },
  },
  packs: {
    title: '規則包', text: '每次發布是新的一版，舊的都留著。整個換規則包用命令列：huiyin pack apply。', version: '版', pack: '規則包', when: '何時', who: '誰', current: '現行', download: '下載', downloadOf: '下載第 {n} 版',
    compare: '和現行比', compareOf: '第 {n} 版和現行比', compareFile: '拿檔案和現行比', compared: '{name} 和現行比', comparedNote: '換成它會變的', same: '和現行的一樣。', newDepartments: '新部門：{names}', changedDepartments: '會變的部門：{names}', unreadable: '這個檔案不是規則包。',
  },
}
