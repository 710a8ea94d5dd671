export default {
  title: 'Quality',
  suspicions: {
    title: 'Suspicions', note: 'Signs of having been finished for the clock. They prove nothing.', days: 'Replied', last: 'Last {n} days', replied: 'Replied', signs: 'Signs', none: 'No suspicions', noneText: 'No signs were found in the replies of this time.',
    maybeMore: 'There is more to look through.', further: 'Look further back',
    sign: { closed_without_contact: 'replied without contact', completed_in_burst: 'replied in a burst', repeat_within_30d: 'the same again within 30 days', answered_from_other_number: 'answered from another number' },
  },
  problems: {
    title: 'Problem records', add: 'Open a problem', none: 'No such problem records', noneText: 'When several tickets have one cause, open a record and see its cure through.', all: 'All', heading: 'Title', cause: 'Root cause', category: 'Category', anyCategory: 'several categories',
    department: 'Department', action: 'Corrective action', actionDone: 'The action is done', due: 'Due', tickets: 'Tickets', ticketCount: '{n} tickets', noDue: 'no due time', opened: 'opened by {who}, {time}', state: { open: 'action wanted', corrective_action: 'being cured', closed: 'closed' },
    start: 'Start the cure', close: 'Close the problem', reopen: 'Open again', needsForAction: 'It starts once action, department and due time are known.', needsForClose: 'It can be closed once the action is done.', saved: 'The problem record was saved', made: 'A problem was opened', link: 'Add tickets', linkNumbers: 'Numbers, divided by commas or lines',
    linkNow: 'Add', linked: '{n} tickets were added', notFound: 'Not found: {numbers}', noTickets: 'No tickets yet, or none that you may see.',
  },
}
