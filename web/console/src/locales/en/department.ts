export default {
  title: 'Department desk', card: '{number} {title}', choose: 'Department', scope: 'Scope', wholeDepartment: 'Department', onlyMine: 'Only mine', none: 'You belong to no department', noneText: 'Ask an administrator to add you to one.',
  youAreA: 'You are contact A; contact B is {name}', youAreB: 'You are contact B; contact A is {name}', youLead: 'You lead it',
  lane: { toAccept: 'To accept', atWork: 'At work', back: 'Came back' },
  laneNote: { toAccept: 'At half the time it goes to contact B', atWork: 'By the department clock', back: 'The card says why' },
  laneEmpty: { toAccept: 'Nothing to accept.', atWork: 'Nothing at work.', back: 'Nothing came back.' },
  ledBy: 'Led by {department}', coHandlers: '{n} department co-handles | {n} department co-handles | {n} departments co-handle',
  today: 'This department today', rates: 'Three rates this month', rate: { response_rate: 'Response', solved_rate: 'Solved', satisfied_rate: 'Content' }, rateOf: '{part} of {whole}; not rated is left out',
  duty: 'On duty', contact_a: 'Contact A', contact_b: 'Contact B', inactive: 'Deactivated', nobody: 'Nobody is on duty; new tickets go to the leader at once',
  waiting: 'Waiting for others', waitingFor: { approval: 'Leader’s approval', coHandlers: 'Co-handling', review: 'Review of the reply', callback: 'Callback' },
}
