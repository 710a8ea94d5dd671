// Tickets in many stages, made by the people of the demo through the API: what the pictures and checks look at.
import { apiAs } from './harness.mjs'

const complaints = [
  ['王淑芬', '13820010001', 'missed_copy', '初八早上又没有报纸。年前就漏了两次，投递员说放楼下了，可楼下根本没有。我要求换人，把缺的三期补给我。', '半个月第三次漏投，投递员态度差，要求换人并补齐缺报', '换投递员；补 02-09、02-13、02-24 三期'],
  ['周建明', '13820010002', 'missed_copy', '订报三个月只收到两周，退款一直没有回音。', '', ''],
  ['吴桂芳', '13820010003', 'missed_copy', '河西大道报箱被撬，连续三天无报。', '', ''],
  ['高雅琴', '13820010004', 'magazine_missing', '《少年科学》2 月刊未到，孩子等着用。', '', ''],
  ['程国庆', '13820010005', 'missed_copy', '报纸淋湿粘连，无法阅读。', '', ''],
  ['赵文博', '13820010006', 'missed_copy', '刊登的招聘广告电话是空号，要求更正。', '', ''],
  ['许丽华', '13820010007', 'missed_copy', '早上六点半前要到，最近都是八点以后。', '', ''],
  ['齐守仁', '13820010008', 'suggestion', '建议周末版加大字号，方便老人看。', '', ''],
]

/** Returns the ids by name of stage; `approval` is the one for the ticket page. */
export async function tellStory(daemon) {
  const registered = []
  for (const [name, phone, category, problem, object, wish] of complaints) {
    const answer = await fetch(`${daemon.url}/public/v1/complaints`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
      body: JSON.stringify({ contact: { name, phone }, category, problem, ...(object && { object }), ...(wish && { desired_solution: wish }), fields: { district: 'east' } }),
    })
    registered.push((await answer.json()).number)
  }
  const officer = await apiAs(daemon, 'zhao.min')
  const handler = await apiAs(daemon, 'wang.qiang')
  const leader = await apiAs(daemon, 'zhang.wei')
  const { items: people } = await officer('GET', '/api/v1/users?limit=200')
  const idOf = async (number) => (await officer('GET', `/api/v1/tickets?number=${number}`)).items[0].id

  const act = async (who, id, name, body = {}) => {
    const { version } = await who('GET', `/api/v1/tickets/${id}`)
    return who('POST', `/api/v1/tickets/${id}/${name}`, { body, version })
  }
  const toEast = async (id, category) => {
    await act(officer, id, 'classification', { category })
    await act(officer, id, 'dispatch')
  }
  const propose = async (id) => {
    await act(handler, id, 'contacts', { how: 'call', reached: true, text: '已致电客户，说明今天下午上门补报。' })
    await act(handler, id, 'solutions', {
      kind: 'fix', text: '明天起改由田春雨投递，物业已办门禁卡\n今天 17:30 前站长上门补报并致歉\n赠阅延长 15 天', cost_cents: 0,
      root_cause: 'building_access', no_responsible_reason: 'process_fault',
    })
  }

  const ids = {}
  for (const [at, stage] of ['approval', 'accept', 'work', 'judge', 'review', 'callback', 'hold', 'intake'].entries()) ids[stage] = await idOf(registered[at])
  await toEast(ids.accept, 'missed_copy')
  for (const stage of ['approval', 'work', 'review', 'callback', 'hold']) {
    await toEast(ids[stage], 'missed_copy')
    await act(handler, ids[stage], 'acceptance')
  }
  await act(officer, ids.judge, 'classification', { category: 'magazine_missing' })
  await propose(ids.approval)
  for (const stage of ['review', 'callback']) {
    await propose(ids[stage])
    await act(leader, ids[stage], 'approvals', { comment: '同意' })
    const { contacts } = await handler('GET', `/api/v1/tickets/${ids[stage]}`)
    await act(handler, ids[stage], 'completion', { result: '当天 17:10 上门补报并致歉，客户签收。', customer_informed: true, evidence: 1, interaction_id: contacts[0].interaction_id })
  }
  await act(officer, ids.callback, 'pass')
  await act(handler, ids.work, 'contacts', { how: 'call', reached: true, text: '客户要求三天内答复。' })
  await officer('POST', `/api/v1/tickets/${ids.approval}/notes`, { body: { text: '@王强 物业确认 3 号院换门禁，另有 11 户同样情况，建议立问题单。', mentions: [people.find((user) => user.login === 'wang.qiang').id] } })
  await act(officer, ids.accept, 'urges', { text: '客户来电追问' })
  return { ids }
}
