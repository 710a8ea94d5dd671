// The Lucide icons in use, for the console and the portal. Add a name here to use it.
export const iconNames = [
  'archive', 'arrow-down', 'arrow-left', 'arrow-right', 'arrow-up', 'at-sign', 'bell', 'book-open', 'building-2', 'calendar',
  'calendar-clock', 'calendar-plus', 'check', 'check-check', 'chevron-down', 'chevron-left', 'chevron-right', 'chevron-up',
  'circle-check', 'circle-dashed', 'circle-help', 'circle-x', 'clock', 'columns-3', 'copy', 'download', 'external-link',
  'eye', 'eye-off', 'file', 'file-text', 'gavel', 'git-branch', 'git-merge', 'globe', 'handshake', 'headset', 'history',
  'image', 'inbox', 'info', 'key-round', 'keyboard', 'languages', 'layers', 'layout-dashboard', 'link', 'link-2-off',
  'list-checks', 'list-filter', 'lock', 'log-in', 'log-out', 'mail', 'map-pin', 'megaphone', 'message-square-text',
  'messages-square', 'minus', 'monitor', 'moon', 'more-horizontal', 'paperclip', 'pause', 'pencil', 'phone',
  'phone-incoming', 'phone-off', 'phone-outgoing', 'play', 'plus', 'printer', 'refresh-cw', 'rotate-ccw', 'save', 'scale',
  'search', 'send', 'settings', 'shield', 'shield-check', 'siren', 'split', 'star', 'sun', 'tag', 'ticket', 'trash-2',
  'triangle-alert', 'undo-2', 'upload', 'user', 'user-check', 'user-plus', 'users', 'wifi', 'wifi-off', 'x',
]
