export default {
  title: '登记投诉', nav: '登记', open: '登记投诉', channel: '来路', out: '我们联系的客户', who: '谁', phone: '电话', name: '姓名', email: '邮箱', someoneElse: '换一个人',
  contactRule: '电话和邮箱至少留一个，受理短信和回访都用它。', contactToo: '他另留了联系方式就填上，没有就空着。', what: '什么事', category: '类别', unclear: '还不清楚', type: '类型',
  problem: '客户的原话', problemRule: '照客户的话写，一字不改，客户查询时看得到。', object: '关于什么', occurredAt: '什么时候的事', wish: '客户想怎么解决', waiting: '客户在等着', vip: '重点客户',
  confidential: '保密，只有少数人知道是谁', lacks: '还有要填的', submit: '登记', done: '已登记 {number}', parked: '收下了，但没能归成工单，来件号 {receipt}。会有人处理。', clear: '清空', cleared: '已清空',
  beside: '客户与时限', onFile: '可能是他', onFileHelp: '填电话或姓名，老客户会列在这里。', nobodyKnown: '没有这样的老客户，登记后会建一个。', openAlready: '他有还没办完的事。是同一件就打开那张单，不用再登记。',
  promised: '可以这样答应客户', promisedRule: '现在登记的话，最迟这些时候。',
}
