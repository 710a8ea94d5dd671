export default {
  title: '客户', searchTitle: '客户', search: '找客户', searchHint: '姓名、电话、邮箱', searchHelp: '至少两个字。电话可输前三位以上或后四位。', notFound: '没有找到“{q}”', since: '{time} 起',
  profile: '客户资料', kind: { person: '个人', organisation: '单位' }, identities: '联系方式', identity: { phone: '电话', email: '邮箱', visitor: '访客', account: '账号', chat: '聊天' }, state: { verified: '已核实', claimed: '自称' }, noIdentity: '没有联系方式。',
  timeline: '全部往来', timelineNote: '各渠道，最新在前', timelineEmpty: '还没有往来记录。', internal: '内部', unproven: '身份未核实', older: '更早的',
  matters: '工单', openMatters: '未了的事', doneMatters: '办完的', noOpen: '没有未了的事。', noDone: '没有办完的。',
  unread: '你不能看客户资料', unreadText: '要求导出或删除的客户，可以在这里办。',
  erased: '资料已删除', isMerged: '这个客户已并入另一个，往来和工单都在那边。', goThere: '去那边', export: '导出', exported: '已导出',
  edit: { open: '编辑', title: '客户资料', name: '姓名', tags: '标签', note: '备注', tagsHint: '用逗号隔开，最多 20 个。', tooMany: '最多 20 个标签。', tooLong: '每个标签最多 40 字。', now: '别人改成了：{text}', takeTheirs: '用这个', keepMine: '用我的', done: '已保存' },
  noNote: '没有备注。',
  merge: {
    start: '合并', title: '把{name}并入', preview: '合并预览', source: '并入对方', target: '保留', other: '换一个', submit: '合并客户', done: '已合并，30 天内可以撤销', undone: '已撤销合并', undo: '撤销合并',
    count: { identities: '联系方式', interactions: '往来', entries: '记录', tickets: '工单' }, open: '{name} 未了：{numbers}',
    conflict: { kind: '一个是个人，一个是单位，按保留的一方', name: '姓名不同，按保留的一方', profile: '两边都有标签或备注，按保留的一方', conversation: '两边都有进行中的会话，被并的一方会关上', matter: '两边可能有同一件未了的事' },
    consequence: '全部联系方式、往来和工单移到对方，这里只留一个指向。30 天内可以撤销。',
  },
  erase: { open: '删除资料', title: '删除{name}的资料', consequence: '姓名、联系方式、原话和文件立刻删除，不能恢复。日志只留谁在何时删除。', type: '输入 {phrase} 确认', submit: '删除资料', done: '资料已删除' },
}
