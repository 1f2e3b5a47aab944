// A native dialog as a bottom sheet on phones, a panel or a drawer on wide screens.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './Icon';
import { shared } from '../words/shared';

interface Props {
  open: boolean;
  title: string;
  onClose: () => void;
  onBack?: (() => void) | undefined;
  children: ComponentChildren;
  footer?: ComponentChildren;
  drawer?: boolean;
  tall?: boolean;
  testid?: string;
}

export function Sheet({
  open, title, onClose, onBack, children, footer, drawer, tall, testid,
}: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const w = shared.value;

  useEffect(() => {
    const node = dialog.current;
    if (!node) return;
    if (open && !node.open) node.showModal();
    if (!open && node.open) node.close();
  }, [open]);

  return (
    <dialog
      ref={dialog} class={`sheet ${drawer ? 'drawer' : ''}`} aria-label={title} data-testid={testid}
      onClose={() => open && onClose()}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      {open && (
        <>
          <header class="flex items-center gap-1 border-b border-base-300 px-2 py-1.5">
            {onBack ? (
              <button type="button" class="btn btn-ghost btn-square" aria-label={w.back} onClick={onBack}>
                <Icon name="left" />
              </button>
            ) : <span class="w-3" />}
            <h2 class="min-w-0 flex-1 truncate text-base font-semibold">{title}</h2>
            <button type="button" class="btn btn-ghost btn-square" aria-label={w.close} onClick={onClose} data-testid="sheet-close">
              <Icon name="close" />
            </button>
          </header>
          <div class={`thin-bar min-h-0 flex-1 overflow-y-auto overscroll-contain ${tall ? 'h-[70dvh]' : ''}`}>
            {children}
          </div>
          {footer && (
            <footer class="border-t border-base-300 bg-base-100 px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
              {footer}
            </footer>
          )}
        </>
      )}
    </dialog>
  );
}
