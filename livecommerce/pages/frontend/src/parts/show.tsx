// Puts a page into the shell.
import { render, type ComponentType } from 'preact';
import '../style.css';

export function show(Page: ComponentType): void {
  const place = document.getElementById('app');
  if (place) render(<Page />, place);
}
