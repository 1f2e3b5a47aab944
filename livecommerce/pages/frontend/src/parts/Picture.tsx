// A product's picture, or a folded cloth drawn in its place.
import { useState } from 'preact/hooks';

export function Picture({ src, alt = '', class: extra = '' }: {
  src: string | null | undefined; alt?: string; class?: string;
}) {
  const [broken, fail] = useState(false);
  if (!src || broken) {
    return (
      <span class={`grid place-items-center bg-[#efe5d6] ${extra}`} role={alt ? 'img' : undefined} aria-label={alt || undefined}>
        <svg viewBox="0 0 48 48" class="w-1/2 max-w-20" aria-hidden="true" fill="none" stroke="#b9a485" stroke-width="2" stroke-linejoin="round">
          <path d="M8 18c5-4 27-4 32 0v14c-5 4-27 4-32 0V18Z" />
          <path d="M8 23c5 4 27 4 32 0M8 28c5 4 27 4 32 0" />
        </svg>
      </span>
    );
  }
  return <img src={src} alt={alt} loading="lazy" decoding="async" class={`bg-[#efe5d6] object-cover ${extra}`} onError={() => fail(true)} />;
}
