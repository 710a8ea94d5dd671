export default {
  categories: { title: 'Categories and limits' }, otherSettings: 'Other settings', edited: 'edited', readOnly: 'Only administrators change this; here it is to be read.',
  version: 'Version {n} · published by {who} {when}', versionShort: 'Version {n}', draftOn: 'Draft on version {n}', discard: 'Discard', discarded: 'Changes discarded', published: 'Version {n} published',
  stale: '{who} published version {n} {when}. Your changes are all here; look at the new version, then publish.', goOn: 'Go on from it', both: 'The new version changed these too; your values are kept, please check: {what}',
  ownLeader: 'Its own leader', leaderOf: 'Leader of {department}', byAnswer: '{value} → {department}', steps: 'Limits', otherSteps: 'Other limits', step: 'Step', limit: 'Limit', calendar: 'By which calendar', from: 'From when on', onHold: 'On hold',
  was: 'was {what}', amountOf: '{what}: limit', unitOf: '{what}: unit', calendarOf: '{what}: calendar', allDay: '24/7', stops: 'stops', runs: 'runs',
  begins: { complaint: 'intake', own: 'when it comes', after: 'after: {step}' },
  dayRule: 'Working days: the first day does not count; it ends at 23:59:59 of the n-th working day. Returns and transfers start nothing anew. The customer clock never stops.',
  unit: { m: 'minutes', h: 'hours', d: 'days', bm: 'office minutes', bh: 'office hours', wd: 'working days' },
  amount: { m: '{n} minute | {n} minutes', h: '{n} hour | {n} hours', d: '{n} day | {n} days', bm: '{n} office minute | {n} office minutes', bh: '{n} office hour | {n} office hours', wd: '{n} working day | {n} working days' },
  cutoff: { sameDay: 'before {before}: the same day at {due}', later: 'before {before}: {n} working day later at {due} | before {before}: {n} working days later at {due}', and: '; ' },
  priority: { P1: 'P1 at once', P2: 'P2 urgent', P3: 'P3 normal', P4: 'P4 low' },
  ladder: {
    title: 'When a limit comes near', half: { when: '50%', what: 'Reminds the handler; acceptance goes to contact B' }, warning: { when: '80%', what: 'or 1 working day left: yellow card, handler and leader' }, breach: { when: '100%', what: 'Red card, breach noted, manager on duty' },
    plus_1wd: { when: '+1 working day', what: 'Supervision opens a case' }, plus_5wd: { when: '+5 working days', what: 'On the list of the heads' }, daily_repeat: { when: 'Daily after', what: 'Reminded once a day' },
  },
  limits: 'Counts and extensions', reworkRule: 'Half of the first limit, set by the system',
  key: {
    department: 'Department in charge', department_otherwise: 'Department otherwise', priority: 'Priority', approval_from: 'Approval', open_to_public: 'Offered on the public form', rework: 'Limit of a rework', direct_authority_cents: 'Amount resolved at once',
    limits_max_returns: 'Returns at most', limits_max_extensions: 'Extensions at most', limits_max_extension: 'Longest extension', limits_max_holds: 'Holds at most', limits_max_promise: 'Longest promise',
    type: 'Type', presumed_valid: 'Presumed valid', resolve_from_created: 'Answer counted from intake', callback_sample_percent: 'Callback sample', system_may_close: 'System may close', weekly: 'Weekly hours', holidays: 'List of holidays', time_zone: 'Time zone',
  },
  part: { category: 'Category', calendar: 'Calendar', reason: 'Reason', department: 'Department', user: 'Person', pack: 'Rules', root_cause: 'Root cause', field: 'Question at intake', template: 'Reply template' },
  new: {
    open: 'Add a category', title: 'New category', name: 'Name ({language})', nameMissing: 'Name it in all three languages.', code: 'Code', codeRule: 'Small letters, digits, - and _; it never changes.', taken: 'This code is in use.',
    like: 'Begin like', likeText: 'It starts with that one’s limits, department and counts; change them in the draft.', add: 'Add to the draft', tag: 'new', drop: 'Do not add it',
  },
  publish: {
    title: 'Publish version {n}', open: 'Publish version {n}…', submit: 'Publish version {n}', trial: 'Trial', what: 'What', before: 'Before', after: 'After', whole: 'all of it', loaded: 'loaded', nothing: 'Nothing differs from now; there is nothing to publish.',
    wrong: 'Something is wrong; mend it first:', new: 'New tickets go by the new rules.',
  },
  effect: {
    title: 'What publishing does', unchanged: 'Nothing is changed yet.', none: 'No open ticket is touched.', some: '{n} open ticket is counted anew: used time stays, the rest goes by the new rules. | {n} open tickets are counted anew: used time stays, the rest goes by the new rules.', more: 'More than {n} open tickets are counted anew: used time stays, the rest goes by the new rules. | More than {n} open tickets are counted anew: used time stays, the rest goes by the new rules.',
  },
  try: {
    title: 'Try it', text: 'If it came in then, each step is due at the latest', at: 'Time of intake', now: 'Now', result: 'Result of the trial', due: 'Due times', after: '{what}, {step}', yellow: 'Yellow card', yellowWhen: 'nearly due: handler and leader', red: 'Red card', redWhen: 'a breach from then on',
    wrong: 'Something at the left is wrong; mend it to try it out.',
    provisional: 'The calendar of {year} is not loaded: counted Monday to Friday for now, and anew once it is.',
  },
  weekday: { d0: 'Su', d1: 'Mo', d2: 'Tu', d3: 'We', d4: 'Th', d5: 'Fr', d6: 'Sa' },
  month: { name: '{y}-{m}', start: 'start', due: 'due', off: 'off', work: 'work', said: '{day}: {what}', counts: 'day {n}', and: ', ' },
  calendars: {
    title: 'Holidays and make-up days', yearTitle: 'Days off and make-up days', list: 'List', earlier: 'Earlier year', later: 'Later year', followers: 'Calendars that follow it: {calendars}', month: 'Month {m}', year: 'Holidays {name}',
    help: 'Choose a day to change it: a working day is off or not; a weekend day makes up, is off, or neither. Shift and another day: all between are the same.', day: '{m}/{d} {weekday}, {kind}', kind: { off: 'off', work: 'make-up day', weekend: 'weekend', workday: 'working day' },
    source: 'By what', sourceRule: 'Name and date of the notice; whoever looks up a limit sees it.', noYear: '{year} is not loaded', noYearText: 'Years that are not loaded count Monday to Friday for now.', begin: 'Enter {year}', save: 'Save…', saved: 'Saved; version {n} holds now', stale: 'Somebody else changed this year just now. Your changes are all here.',
    hours: 'Weekly office hours', hoursRule: 'A day may have several parts, like 09:00-12:00, 13:00-18:00. Empty is closed.', calendar: 'Calendar', closed: 'closed', follows: 'follows {list}', hoursOf: '{calendar}, {day}',
    weekday: { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' },
  },
  packs: {
    title: 'Rule packs', text: 'Each publishing is a new version; the old ones stay. A whole pack is applied on the command line: huiyin pack apply.', version: 'Version', pack: 'Pack', when: 'When', who: 'Who', current: 'current', download: 'Download', downloadOf: 'Download version {n}',
    compare: 'Compare', compareOf: 'Compare version {n} with the current one', compareFile: 'Compare a file', compared: '{name} and the current rules', comparedNote: 'What applying it would change', same: 'The same as the current rules.', newDepartments: 'New departments: {names}', changedDepartments: 'Departments that change: {names}', unreadable: 'This file is no pack.',
  },
}
