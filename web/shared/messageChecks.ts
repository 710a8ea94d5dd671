import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** For tests: what a bundle of messages must keep to, beside equal keys. */

/** Forms that are written on the mainland only; none of them stands in a text for Taiwan. */
const simplifiedOnly = new Set(
  '与专业丛东丝丢两严丧个丰临为丽举么义乌乐乔习书买乱争于亏云亚产亩亲亿仅从仓仪们价众优会伞伟传伤伦伪体余佣侧侦侨俩债倾偿储儿兑党兰关兴养兽内册写军农冯冲决况冻净凉减凑凤凭凯击刘则刚创删别刹刽剂剑剧劝办务动励劲劳势勋匀区医华协单卖卢卫却厂厅历厉压厌厕县参双发变叙叶号叹吓吕吗听启吴员呐呕呛响哑唤啰嘱团园围国图圆圣场坏块坚坛坝坞坟坠垄垒垦埘堕墙壮声壳处备复够头夹夺奋奖妆妇妈娱娲婴婶孙学孪宁宝实宠审宪宫宽宾对寻导寿将尔尘尝层届属岁岂岗岛岭峡币帅师帐带帮广庄庆库应庙废开异弃张弥弯弹强归当录彦彻径忆志忧怀态怜总恋恳恶悬惊惧惨惩惭惯愤愿懒戏战户扑执扩扫扬扰抚抛抢护报担拟拢拣拥拦拧拨择挂挚挠挡挣挤挥捞损捡换据掳掷掺揽搀搁搂搅携摄摆摇摊撑撵擞攒敌数斋断无旧时旷昙显晓暂术机杀杂权条来杨极构枪枫柜标栈栋栏树样档桥检楼榄横欢欧残殴毁毕毙毡气汇汉汤沟没沪泪泼泽洁洒浅浆浇浊测济浏浑浓涛涝涡涣涤润涨渊渍渐渔温湾湿溃滞满滤滥滨滩潜灭灯灵灾炉点炼烂烛烟烦烧热焕爱爷牵状犹狭独狮狱猎猪猫献环现玛电画畅疗疯痴瘾皑皱盏盐监盖盗盘着睁矫码砖确碍礼祸离种积称稳穷窃窜竖竞笔笼筛筝签简箩类粮紧纠红纤约级纪纬纯纱纲纳纵纷纸纹纺纽线练组细织终绍经绑绒结绕绘给络绝统继绩绪续维综绿网罗罚罢职联聪肃肠肤肿胀胁胜胶脉脏脑脚脱脸腊舰艰艳艺节芦苏苹范茎荐荡荣药获虏虑虚虫虽蚁蛮补衬袜袭装见观规觅视览觉触誉计订认讨让训议讯记讲许论设访证评识诈诉诊词译试诗诚话询该详语误说请诸诺读课谁调谈谋谎谓谜谢谣谦谨谱负财责败货质贩贪贫购贯贱贴贵贷贸费贺贼资赏赖赚赛赞赠赢赵赶趋跃践踪车轨转轮软轰轴轻载较辅辆辈辉输辖辞边达迁过运还这进远违连迟迹适选递逻遗邮邻郑酱释里鉴针钉钓钟钢钥钩钱铁铃铅铜银铺链销锁错键锤镜长门闪闭问闯闲间闷闹闻阅队阳阴阵阶际陆陈险随隐难雾静韩页顶项顺须顾顿预领颇频题颜额风飞饥饭饮饰饱馆马驳驶驻驾骂验骗骤鱼鲜鸟鸡鸣麦黄齐齿龙龄后响启'
    .replaceAll('里', ''),
)

/** Keys whose text for Taiwan has characters that are not written there. */
export function simplifiedIn(messages: ReadonlyMap<string, string>): string[] {
  return [...messages].flatMap(([key, text]) => {
    const found = [...text].filter((character) => simplifiedOnly.has(character))
    return found.length === 0 ? [] : [`${key}: ${found.join('')}`]
  })
}

/** Keys whose English text is not English alone. */
export function chineseIn(messages: ReadonlyMap<string, string>): string[] {
  return [...messages].filter(([, text]) => /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u.test(text)).map(([key]) => key)
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'locales' ? [] : filesIn(path)
    return /\.(vue|ts|html)$/.test(entry.name) && !/\.(test|d)\.ts$/.test(entry.name) ? [path] : []
  })
}

const key = String.raw`[a-z][\w-]*(?:\.[\w-]+)+`

/** What the code asks for: keys as they stand, and those that it puts together (`domain.act.${name}`) as patterns. */
export function keysAskedFor(folder: string): { plain: Set<string>; patterns: Map<string, RegExp> } {
  const plain = new Set<string>()
  const patterns = new Map<string, RegExp>()
  for (const file of filesIn(folder)) {
    const text = readFileSync(file, 'utf8')
    for (const [, found] of text.matchAll(new RegExp(String.raw`['"\`](${key})['"\`]`, 'g'))) if (found) plain.add(found)
    for (const [, found] of text.matchAll(/`([a-z][\w-]*\.[^`\s]*(?:\$\{[^`]*?\}[^`\s]*)+)`/g)) {
      if (!found) continue
      const parts = found.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/)
      if (parts.every((part) => /^[\w.-]*$/.test(part))) patterns.set(found, new RegExp(`^${parts.map((part) => part.replaceAll('.', String.raw`\.`)).join('.+')}$`))
    }
  }
  return { plain, patterns }
}
