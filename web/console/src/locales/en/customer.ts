export default {
  title: 'Customer', searchTitle: 'Customers', search: 'Find a customer', searchHint: 'Name, phone, e-mail', searchHelp: 'At least two characters. Of a phone number the first three digits and more, or the last four.', notFound: 'Nothing found for “{q}”', since: 'since {time}',
  profile: 'Profile', kind: { person: 'Person', organisation: 'Organisation' }, identities: 'Reached by', identity: { phone: 'Phone', email: 'E-mail', visitor: 'Visitor', account: 'Account', chat: 'Chat' }, state: { verified: 'Verified', claimed: 'Claimed' }, noIdentity: 'Nothing to reach the customer by.',
  timeline: 'Everything said', timelineNote: 'All channels, newest first', timelineEmpty: 'Nothing was said yet.', internal: 'Internal', unproven: 'Identity not proven', older: 'Earlier',
  matters: 'Tickets', openMatters: 'Open matters', doneMatters: 'Done', noOpen: 'No open matters.', noDone: 'Nothing done yet.',
  unread: 'You may not read customers', unreadText: 'What a customer asks to export or to erase can be done here.',
  erased: 'Erased', isMerged: 'This customer was merged into another one, who has all contacts and tickets now.', goThere: 'Go there', export: 'Export', exported: 'Exported',
  edit: { open: 'Edit', title: 'Customer profile', name: 'Name', tags: 'Tags', note: 'Note', tagsHint: 'With commas between them, 20 at most.', tooMany: 'No more than 20 tags.', tooLong: 'No tag longer than 40 characters.', now: 'Somebody else has written: {text}', takeTheirs: 'Take this', keepMine: 'Keep mine', done: 'Saved' },
  noNote: 'No note.',
  merge: {
    start: 'Merge', title: 'Merge {name} into', preview: 'Preview of the merge', source: 'Moves', target: 'Stays', other: 'Another one', submit: 'Merge customers', done: 'Merged; it can be undone within 30 days', undone: 'The merge was undone', undo: 'Undo the merge',
    count: { identities: 'Identities', interactions: 'Contacts', entries: 'Entries', tickets: 'Tickets' }, open: 'Open for {name}: {numbers}',
    conflict: { kind: 'One is a person, the other an organisation; the one that stays decides', name: 'The names differ; the one that stays decides', profile: 'Both have tags or notes; those of the one that stays are kept', conversation: 'Both have open conversations; those of the one that moves are closed', matter: 'Both may have the same open matter' },
    consequence: 'All identities, contacts and tickets move; only a pointer stays here. It can be undone within 30 days.',
  },
  erase: { open: 'Erase', title: 'Erase {name}', consequence: 'Name, identities, words and files are gone at once and for good. The journal keeps only who erased and when.', type: 'Type {phrase} to confirm', submit: 'Erase', done: 'Erased' },
}
