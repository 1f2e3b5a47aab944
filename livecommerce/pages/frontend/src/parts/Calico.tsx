// The centre's mark, and its cloth: indigo calico with a resist-dyed flower, drawn as a pattern.
const PETALS = [0, 60, 120, 180, 240, 300];

function Flower({ x, y, scale = 1 }: { x: number; y: number; scale?: number }) {
  return (
    <g transform={`translate(${x} ${y}) scale(${scale})`}>
      {PETALS.map((turn) => (
        <path key={turn} d="M0 -5C3.6 -9 3.6 -14 0 -17.5C-3.6 -14 -3.6 -9 0 -5Z" transform={`rotate(${turn})`} />
      ))}
      <circle r="2.6" />
      {PETALS.map((turn) => (
        <circle key={turn} r="1.3" cy="-21.5" transform={`rotate(${turn + 30})`} />
      ))}
    </g>
  );
}

export function Calico({ class: extra = '', ink = '#dfe8f1', id = 'calico' }: {
  class?: string; ink?: string; id?: string;
}) {
  return (
    <svg class={extra} width="100%" height="100%" aria-hidden="true" preserveAspectRatio="xMidYMid slice">
      <defs>
        <pattern id={id} width="96" height="96" patternUnits="userSpaceOnUse">
          <g fill={ink}>
            <Flower x={24} y={24} />
            <Flower x={72} y={72} />
            <Flower x={72} y={24} scale={0.42} />
            <Flower x={24} y={72} scale={0.42} />
            {[0, 48, 96].map((x) => [0, 48, 96].map((y) => <circle key={`${x}-${y}`} cx={x} cy={y} r="1.7" />))}
          </g>
        </pattern>
      </defs>
      <rect width="100%" height="100%" fill={`url(#${id})`} />
    </svg>
  );
}

export function Mark({ size = 32 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" class="shrink-0">
      <rect width="32" height="32" rx="9" fill="#24476b" />
      <g fill="none" stroke="#fffdf9" stroke-width="2.6" stroke-linecap="round">
        <path d="M7 11.5h5.5M17 11.5h8M7 20.5h9M20.5 20.5H25" />
        <path d="M11.5 7v8.5M11.5 20v5M20.5 7v4M20.5 15.5V25" />
      </g>
      <path d="M13.4 12.6v6.8l6-3.4z" fill="#e8a33d" />
    </svg>
  );
}
