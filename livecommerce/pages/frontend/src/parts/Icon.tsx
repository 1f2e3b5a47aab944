// Our own line icons, 24 units square, drawn with the stroke of the text beside them.
const PATHS = {
  bag: 'M6 8h12l1 12H5L6 8Zm3 0V6.5a3 3 0 0 1 6 0V8',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm9.5 2.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6Z',
  close: 'M6 6l12 12M18 6 6 18',
  heart: 'M12 20s-7.5-4.6-7.5-10.2A4.3 4.3 0 0 1 12 7.2a4.3 4.3 0 0 1 7.5 2.6C19.5 15.4 12 20 12 20Z',
  share: 'M12 15V4m0 0L8 8m4-4 4 4M5 13v6h14v-6',
  send: 'M4.5 12 20 4.5 15.5 20l-4-6.5-7-1.5Zm7 1.5L20 4.5',
  right: 'm9 5 7 7-7 7',
  left: 'm15 5-7 7 7 7',
  down: 'm5 9 7 7 7-7',
  up: 'm5 15 7-7 7 7',
  shield: 'M12 3.5 5 6v5.5c0 4.3 2.9 7.6 7 9 4.1-1.4 7-4.7 7-9V6l-7-2.5Zm-3 8.6 2.2 2.2 4-4.4',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5.2l3.4 2',
  play: 'M8 5.5v13l10.5-6.5L8 5.5Z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  stop: 'M6.5 6.5h11v11h-11z',
  key: 'M14.5 13.5a4.5 4.5 0 1 0-3.7-2L4 18.3V20h3v-2h2v-2h2l1.2-1.2c.7.4 1.5.7 2.3.7Zm1-4.5h.01',
  copy: 'M9 9h10v11H9zM6 15H5V4h10v2',
  trash: 'M5 7h14M10 7V5h4v2m-7.5 0 .8 12.5h9.4L17.5 7M10.3 11v5M13.7 11v5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  alert: 'M12 4 2.8 19.5h18.4L12 4Zm0 5.5v4.6m0 2.7v.1',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3.3 12h17.4M12 3c2.4 2.6 3.6 5.6 3.6 9s-1.2 6.4-3.6 9c-2.4-2.6-3.6-5.6-3.6-9S9.6 5.6 12 3Z',
  external: 'M13 5h6v6m0-6-9 9M17 14v5H5V7h5',
  doc: 'M7 3.5h7L18 8v12.5H7zM13.5 3.5V8.5H18M9.8 12.5h5.4M9.8 16h5.4',
  truck: 'M3 6.5h11v10H3zM14 10h4l3 3.4v3.1h-7M7.2 19a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8Zm10 0a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8Z',
  camera: 'M3.5 7.5h11v9h-11zM14.5 10.8l6-3.3v9l-6-3.3',
  user: 'M12 12a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6Zm-7.5 8a7.5 7.5 0 0 1 15 0',
  lock: 'M6 11h12v9H6zM8.8 11V8a3.2 3.2 0 0 1 6.4 0v3',
  calendar: 'M4.5 6h15v14h-15zM4.5 10.3h15M8.5 3.5V7.5M15.5 3.5V7.5',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2',
  box: 'm12 3.5 8 4.2v8.6l-8 4.2-8-4.2V7.7l8-4.2Zm-8 4.2 8 4.3 8-4.3M12 12v8.5',
  list: 'M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4.2 6.5h.1M4.2 12h.1M4.2 17.5h.1',
  mail: 'M3.5 6h17v12.5h-17zM3.5 7l8.5 6.5L20.5 7',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.4-5.5L19.5 8.5M19.5 4v4.5H15',
  sound: 'M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11',
  mute: 'M4 9.5h3.5L12 5.5v13l-4.5-4H4zM16 9.5l5 5M21 9.5l-5 5',
  chat: 'M4 5.5h16v10.5H11l-4.5 3.8V16H4z',
  mic: 'M12 14.5a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3Zm-6-3.3a6 6 0 0 0 12 0M12 17.5V21',
  card: 'M3.5 6h17v12.5h-17zM3.5 10.5h17M7 15h3.5',
  stamp: 'M9.5 12.5c.7-2-.8-3-.8-5.2a3.3 3.3 0 0 1 6.6 0c0 2.2-1.5 3.2-.8 5.2h3v3.5H6.5v-3.5zM6.5 19.5h11',
  film: 'M4 5h16v14H4zM8 5v14M16 5v14M4 9.7h4M4 14.3h4M16 9.7h4M16 14.3h4',
  drag: 'M9 6.5h.1M9 12h.1M9 17.5h.1M15 6.5h.1M15 12h.1M15 17.5h.1',
  out: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9',
  ticket: 'M4 7h16v3.5a1.5 1.5 0 0 0 0 3V17H4v-3.5a1.5 1.5 0 0 0 0-3zM14 7v2m0 2v2m0 2v2',
  gift: 'M4.5 10.5h15V20h-15zM3.5 7h17v3.5h-17zM12 7v13M12 7c-1.5-3.5-5-4-5.5-2S9 7 12 7Zm0 0c1.5-3.5 5-4 5.5-2S15 7 12 7Z',
  hand: 'M8 12V6.5a1.4 1.4 0 0 1 2.8 0V11m0-5.5a1.4 1.4 0 0 1 2.8 0V11m0-4a1.4 1.4 0 0 1 2.8 0v6.5c0 4-2 7-5.4 7-3 0-4.3-1.6-6-5L3.8 13c-.5-1 .9-2 1.8-1L8 14',
  gavel: 'm13 4 6 6m-8-4 6 6m-4-6-4.5 4.5 4 4L17 10M10.5 12.5 4 19m-.5 2h10',
  bolt: 'M13 3 5.5 13.5H11L10 21l8-11h-5.5z',
  home: 'M4.5 11 12 4.5 19.5 11v8.5H14v-5h-4v5H4.5z',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v5.5m0-9v.1',
  search: 'M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm4.8-1.7L20 20',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20, fill = false, class: extra = '' }: {
  name: IconName; size?: number; fill?: boolean; class?: string;
}) {
  return (
    <svg
      viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" class={`shrink-0 ${extra}`}
      fill={fill ? 'currentColor' : 'none'} stroke="currentColor" stroke-width="1.8"
      stroke-linecap="round" stroke-linejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
