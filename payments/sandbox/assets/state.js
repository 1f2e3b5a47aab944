// Keeps the state page fresh while somebody looks at it and is not busy with it.
"use strict";

setInterval(() => {
  const busy = document.hidden || document.activeElement?.closest("form");
  if (!busy && window.getSelection().isCollapsed) location.reload();
}, 5000);
