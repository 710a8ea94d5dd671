export default {
  title: 'Take down a complaint', nav: 'New', open: 'Take down a complaint', channel: 'How it came', out: 'We turned to the customer', who: 'Who', phone: 'Phone', name: 'Name', email: 'E-mail', someoneElse: 'Somebody else',
  contactRule: 'A phone or an e-mail at least: the acknowledgement and the call back go there.', contactToo: 'Only if another contact was given.', what: 'What it is about', category: 'Category', unclear: 'Not clear yet', type: 'Type',
  problem: 'In the customer’s own words', problemRule: 'Write it as it was said; the customer sees it when he looks it up.', object: 'What about', occurredAt: 'When it happened', wish: 'What the customer wants', waiting: 'The customer is waiting', vip: 'Key customer',
  confidential: 'Confidential: few people know who it is', lacks: 'Something is still to be filled in', submit: 'Take down', done: '{number} taken down', parked: 'Kept as {receipt}, but it could not be filed. Somebody looks at it.', clear: 'Clear', cleared: 'Cleared',
  beside: 'Customer and limits', onFile: 'Might be', onFileHelp: 'Enter a phone or a name; customers on file are listed here.', nobodyKnown: 'Nobody on file is like that; a new customer is made.', openAlready: 'There is an open matter. If it is the same one, open that ticket instead.',
  promised: 'What you may promise', promisedRule: 'At the latest, if it is taken down now.',
}
