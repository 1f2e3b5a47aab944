// What stands where there is nothing to show.
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './Icon';

export function Empty({ icon, text, children }: {
  icon: IconName; text: string; children?: ComponentChildren;
}) {
  return (
    <div class="flex flex-col items-center gap-3 px-6 py-12 text-center text-quiet">
      <span class="grid size-14 place-items-center rounded-full bg-base-200"><Icon name={icon} size={26} /></span>
      <p class="max-w-sm text-sm leading-relaxed">{text}</p>
      {children}
    </div>
  );
}
