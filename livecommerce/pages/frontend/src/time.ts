// Moments as people read them. The centre plans in its own zone, and every text says which.
import { signal } from '@preact/signals';
import { lang } from './words/lang';

export const CENTRE_ZONE = 'Asia/Shanghai';

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** How far the server's clock is ahead of this browser's, in milliseconds. */
export const skew = signal(0);

export function serverNow(): number {
  return Date.now() + skew.value;
}

export function heardDate(header: string | null): void {
  const at = header ? Date.parse(header) : NaN;
  if (Number.isNaN(at)) return;
  const ahead = at + 500 - Date.now();
  if (Math.abs(ahead - skew.value) > 1500) skew.value = Math.abs(ahead) < 1500 ? 0 : ahead;
}

type Style = Intl.DateTimeFormatOptions;

export function format(at: string | number | Date, style: Style, zone = CENTRE_ZONE): string {
  const full: Style = { hourCycle: 'h23', ...style, timeZone: zone };
  return new Intl.DateTimeFormat(lang.value === 'en' ? 'en-GB' : 'zh-CN', full).format(new Date(at));
}

export function clockTime(at: string | number | Date, zone = CENTRE_ZONE): string {
  return format(at, { hour: '2-digit', minute: '2-digit' }, zone);
}

export function clockSeconds(at: string | number | Date, zone = CENTRE_ZONE): string {
  return format(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' }, zone);
}

export function dayAndTime(at: string | number | Date, zone = CENTRE_ZONE): string {
  const style: Style = {
    month: 'short', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit',
  };
  return format(at, style, zone);
}

export function longDay(at: string | number | Date, zone = CENTRE_ZONE): string {
  return format(at, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }, zone);
}

/** In the viewer's own zone, with its name when it is not the centre's. */
export function forViewer(at: string): string {
  const shown = dayAndTime(at, OWN_ZONE);
  if (OWN_ZONE === CENTRE_ZONE) return shown;
  const named = new Intl.DateTimeFormat(lang.value === 'en' ? 'en-GB' : 'zh-CN', {
    timeZone: OWN_ZONE, timeZoneName: 'short',
  }).formatToParts(new Date(at));
  return `${shown} ${named.find((part) => part.type === 'timeZoneName')?.value ?? ''}`.trim();
}

/** 3:07 or 1:02:09. */
export function lasting(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const tail = String(rest).padStart(2, '0');
  if (hours === 0) return `${minutes}:${tail}`;
  return `${hours}:${String(minutes).padStart(2, '0')}:${tail}`;
}

/** The calendar day a moment falls on in the centre, as YYYY-MM-DD. */
export function centreDay(at: number | Date): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: CENTRE_ZONE, year: 'numeric', month: '2-digit', day: '2-digit',
  });
  return format.format(at);
}

/** The moment of a wall-clock time in the centre; Shanghai keeps UTC+8 the year round. */
export function centreMoment(day: string, minutes: number): Date {
  return new Date(Date.parse(`${day}T00:00:00+08:00`) + minutes * 60_000);
}

/** Minutes since the centre's midnight of that day. */
export function minuteOf(day: string, at: string): number {
  return (Date.parse(at) - Date.parse(`${day}T00:00:00+08:00`)) / 60_000;
}

/** Ticks for countdowns; one timer for the page. */
export const second = signal(serverNow());
setInterval(() => (second.value = serverNow()), 1000);
