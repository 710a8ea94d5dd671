export default {
  title: 'Complaint desk', note: 'Replies first, then judging',
  group: { replies: 'Review replies', classify: 'Classify', judge: 'Judge and dispatch', returned: 'Returned, dispatch again', invalid: 'Answer invalid ones', extensions: 'Extensions asked for' },
  proposal: 'The rule gives it to {department}', proposalWhy: 'Category “{category}”, {priority}. Choose another department below to overrule it.', noProposal: 'No rule fits', noProposalWhy: 'This category has no department; a supervisor chooses one.',
  presumedValid: 'Complaints of this kind are presumed valid.', linked: '{number} joined the case of {other}', merged: '{number} was merged into {other}', isLinked: 'Linked',
}
