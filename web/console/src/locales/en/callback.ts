export default {
  title: 'Callbacks', waiting: '{n} to call | {n} to call | {n} to call', order: 'By due time', queue: 'Callback queue', content: 'Callback', verdict: 'Verdict', drafted: 'Saved as you fill it in',
  now: 'To call now', later: 'Later', doneToday: 'Done today', nobodyNow: 'Nobody to call now.', closedUntil: 'Outside the hours; calls from {time}.', nobody: 'Nobody to call back', nobodyText: 'Replies that pass the review appear here by themselves.',
  hours: 'Calls today {spans}; now {now}', span: '{from} to {to}', spanBreak: ', ',
  lastTry: 'Last try', skipped: 'You handled it', agreedAt: 'Agreed {time}', agreed: 'Agreed for {time}', from: 'From {time}', since: 'Since {time}', nth: 'Try {n}', attempt: 'Try {n} of {of}',
  agent: '{name} calls', aboutWithdrawal: 'Confirm withdrawal', phones: 'Phone number', noPhone: 'No phone left', dial: 'Dial', you: 'Sir or Madam', exhausted: 'All tries are used up. A supervisor decides whether it is closed as unreachable; the customer then gets a survey by SMS.',
  story: {
    said: 'What the customer said', promised: 'What we promised', done: 'What was done', say: 'Say this', erased: 'The words were erased', before: 'Not content on {time}: {reason}',
    doneInTime: '{what} {time}, due {due}', doneLate: '{what} {time}, after {due}', stillOpen: '{what} open, due {due}', noReply: 'No reply was written', solution: 'Solution: {text}', by: '{department} {who} {time}',
  },
  script: {
    opening: 'Good day, this is {house}, my name is {me}. {name}, you told us something on {day}. Our records say it has been dealt with, and I would like to check that with you.',
    questions: 'Do you find it solved? For the result, the speed and the attitude, 5 is best: how many points each?',
    withdrawal: 'Our records say that you no longer want us to deal with it. Is that your own wish?', rule: 'First whether it is solved, then the scores. Do not lead, do not hurry; write down the very words.',
  },
  isSolved: 'Is it solved', solved: { yes: 'Solved', partly: 'Partly', no: 'Not solved' }, score: { result: 'Result', time: 'Speed', attitude: 'Attitude' }, scoreOf: '{what} {n} of 5', scoreNone: '{what} not rated', notRated: 'None',
  whyNot: 'Why not content', words: 'The customer’s words', wordsNote: 'The customer’s words at the callback: {words}', wordsLost: 'The verdict is kept, the customer’s words are not: {words}',
  then: { closes: 'This closes it', reworks: 'This starts round {n}', disputes: 'This has it judged anew' },
  thenText: { closes: 'Closed as confirmed by the customer; it can be reopened within 30 days.', reworks: 'Back to {department}; the same solution may not be used again. The new limit is half of the first; the customer clock runs on.', disputes: 'The customer does not accept the finding; the complaint desk judges it anew.' },
  submit: 'Submit', submitAs: { closes: 'Submit: close', reworks: 'Submit: not content, back to work', disputes: 'Submit: disputed, judge anew' },
  done: { closes: '{number} is closed', reworks: '{number} is back at work', disputes: '{number} is judged anew' },
  notReached: 'Not reached:', miss: { no_answer: 'No answer', busy: 'Busy', wrong_number: 'Wrong number', refused: 'Refuses', later: 'Later' }, missed: '{number}: {outcome}',
  laterAt: 'The customer’s time', agreeLater: 'Keep the agreement', survey: { sms: 'The phone was in vain: ask by SMS', email: 'The phone was in vain: ask by e-mail', link: 'Survey link', make: 'Get the link', sent: 'Record as sent' },
}
