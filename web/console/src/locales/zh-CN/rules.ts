export default {
  categories: { title: '类别与时限' }, otherSettings: '其他设置', edited: '改过', readOnly: '只有管理员能改，这里只看。',
  version: '第 {n} 版·{who} {when} 发布', versionShort: '第 {n} 版', draftOn: '草稿，基于第 {n} 版', discard: '放弃', discarded: '已放弃改动', published: '第 {n} 版已发布',
  stale: '{who}{when}发布了第 {n} 版。你的改动都在，看过新版再发布。', goOn: '接着新版改', both: '这几项新版也改过，按你的值留着，核对一下：{what}',
  ownLeader: '主办部门领导', leaderOf: '{department}的领导', byAnswer: '{value} → {department}', steps: '时限', otherSteps: '其他时限', step: '步骤', limit: '限时', calendar: '按哪个日历', from: '从何时起', onHold: '挂起时',
  was: '原 {what}', amountOf: '{what} 限时', unitOf: '{what} 单位', calendarOf: '{what} 日历', allDay: '7×24', stops: '暂停', runs: '不停',
  begins: { complaint: '受理', own: '发生时', after: '{step}之后' },
  dayRule: '工作日：起算当天不计，到第 n 个工作日 23:59:59 止。退单、转办不重新起算。客户时钟从不暂停。',
  unit: { m: '分钟', h: '小时', d: '天', bm: '办公分钟', bh: '办公小时', wd: '工作日' },
  amount: { m: '{n} 分钟', h: '{n} 小时', d: '{n} 天', bm: '{n} 办公分钟', bh: '{n} 办公小时', wd: '{n} 个工作日' },
  cutoff: { sameDay: '{before} 前的当天 {due}', later: '{before} 前的 {n} 个工作日后 {due}', and: '；' },
  priority: { P1: 'P1 特急', P2: 'P2 紧急', P3: 'P3 一般', P4: 'P4 不急' },
  ladder: {
    title: '到期阶梯', half: { when: '50%', what: '提醒经办人；签收转 B 角' }, warning: { when: '80%', what: '或剩 1 个工作日：黄牌，经办人与领导' }, breach: { when: '100%', what: '红牌，记超时，值班经理' },
    plus_1wd: { when: '+1 工作日', what: '督办员立督办单' }, plus_5wd: { when: '+5 工作日', what: '列入领导清单' }, daily_repeat: { when: '之后每天', what: '每天再提醒一次' },
  },
  limits: '次数与延期', reworkRule: '原限的一半，由系统定',
  key: {
    department: '主办部门', department_otherwise: '主办部门（答案没指定时）', priority: '优先级', approval_from: '审批', open_to_public: '网上投诉可以选这一类', rework: '返工期限', direct_authority_cents: '当场解决的金额',
    limits_max_returns: '最多退单次数', limits_max_extensions: '最多延期次数', limits_max_extension: '每次最多延', limits_max_holds: '最多挂起次数', limits_max_promise: '承诺最长',
    type: '类型', presumed_valid: '默认成立', resolve_from_created: '从受理起算答复', callback_sample_percent: '回访抽样', system_may_close: '系统可办结', weekly: '每周时间', holidays: '节假日表', time_zone: '时区',
  },
  part: { category: '类别', calendar: '日历', reason: '原因', department: '部门', user: '人员', pack: '规则', root_cause: '根本原因', field: '登记项', template: '答复模板' },
  new: {
    open: '加一类', title: '新类别', name: '名称（{language}）', nameMissing: '三种语言的名称都要写。', code: '代码', codeRule: '小写字母、数字、- 和 _，定了不再改。', taken: '这个代码已经有了。',
    like: '照哪一类起头', likeText: '期限、部门和次数先照它，加进草稿以后再改。', add: '加进草稿', tag: '新', drop: '不加这一类',
  },
  publish: {
    title: '发布第 {n} 版', open: '发布第 {n} 版…', submit: '发布第 {n} 版', trial: '试算', what: '改什么', before: '原来', after: '改成', whole: '整项', loaded: '载入', nothing: '和现在一样，没有要发布的。',
    wrong: '有几处不对，改好再发布：', new: '新受理的工单按新规则。',
  },
  effect: {
    title: '发布后的影响', unchanged: '还没有改动。', none: '没有在办的工单受影响。', some: '{n} 张在办的工单重算期限：已用的时间照算，剩下的按新规则。', more: '超过 {n} 张在办的工单重算期限：已用的时间照算，剩下的按新规则。',
  },
  try: {
    title: '试算', text: '假如这时受理，各步最迟何时到期', at: '受理时间', now: '现在', result: '试算结果', due: '试算到期', after: '{step} {what}', yellow: '黄牌', yellowWhen: '快到期，提醒经办人与领导', red: '红牌', redWhen: '超时即记',
    wrong: '左边有不对的，改好再试算。',
    provisional: '{year} 年日历还没有载入：跨年到期按周一至周五暂算，载入后重算。',
  },
  weekday: { d0: '日', d1: '一', d2: '二', d3: '三', d4: '四', d5: '五', d6: '六' },
  month: { name: '{y} 年 {m} 月', start: '起', due: '到期', off: '休', work: '班', said: '{day} 日{what}', counts: '计第 {n} 天', and: '，' },
  calendars: {
    title: '节假日与补班', yearTitle: '一年的休息与补班', list: '节假日表', earlier: '上一年', later: '下一年', followers: '按它算的日历：{calendars}', month: '{m} 月', year: '节假日 {name}',
    help: '点一天改它：工作日在休和不休之间换，周末在补班、休、不标之间换。按住 Shift 点另一天，中间都一样。', day: '{m} 月 {d} 日 {weekday}，{kind}', kind: { off: '休', work: '补班', weekend: '周末', workday: '工作日' },
    source: '依据', sourceRule: '写通知的名称和日期，查期限时看得到。', noYear: '{year} 年还没有载入', noYearText: '没有载入的年份按周一至周五暂算。', begin: '填 {year} 年', save: '保存…', saved: '已保存，现在是第 {n} 版', stale: '别人刚改过这一年。你的改动都在。',
    hours: '每周办公时间', hoursRule: '一天可以有几段，像 09:00-12:00, 13:00-18:00。空着就是不办公。', calendar: '日历', closed: '不办公', follows: '按 {list}', hoursOf: '{calendar} {day}',
    weekday: { mon: '周一', tue: '周二', wed: '周三', thu: '周四', fri: '周五', sat: '周六', sun: '周日' },
  },
  packs: {
    title: '规则包', text: '每次发布是新的一版，旧的都留着。整个换规则包用命令行：huiyin pack apply。', version: '版', pack: '规则包', when: '何时', who: '谁', current: '现行', download: '下载', downloadOf: '下载第 {n} 版',
    compare: '和现行比', compareOf: '第 {n} 版和现行比', compareFile: '拿文件和现行比', compared: '{name} 和现行比', comparedNote: '换成它会变的', same: '和现行的一样。', newDepartments: '新部门：{names}', changedDepartments: '会变的部门：{names}', unreadable: '这个文件不是规则包。',
  },
}
