// Puts a page into the shell.
import { render, type ComponentType } from 'preact';
import '../style.css';

export function show(Page: ComponentType): void {
  const place = document.getElementById('app');
  if (!place) return;
  // What the server drew to be seen first is drawn again by the page that needs it.
  place.replaceChildren();
  render(<Page />, place);
}
