// As much of OpenAPI 3.1 as our own description uses.
export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: Schema | boolean;
  prefixItems?: Schema[];
}

export interface Parameter { name: string; in: string; required?: boolean; description?: string; schema?: Schema }
export interface Content { content?: Record<string, { schema?: Schema; example?: unknown }>; description?: string }

export interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: Content & { required?: boolean };
  responses?: Record<string, Content & { $ref?: string }>;
  [extension: `x-${string}`]: unknown;
}

export interface Description {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema>; responses?: Record<string, Content> };
}

export interface Entry { method: string; path: string; operation: Operation }

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

export function entries(description: Description): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const [path, operations] of Object.entries(description.paths)) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (!operation) continue;
      const tag = operation.tags?.[0] ?? 'other';
      groups.set(tag, [...(groups.get(tag) ?? []), { method, path, operation }]);
    }
  }
  return groups;
}

export function resolved(description: Description, schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name ? (description.components?.schemas?.[name] ?? {}) : schema;
}

/** A short name for what a value may be. */
export function typeOf(schema: Schema | undefined): string {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(' | ');
  const some = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (some) return some.map(typeOf).join(' | ');
  if (schema.items) return `${typeOf(schema.items)}[]`;
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(', ')}]`;
  if (typeof schema.additionalProperties === 'object') return `{ … : ${typeOf(schema.additionalProperties)} }`;
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any');
  return schema.format ? `${type} (${schema.format})` : type;
}

/** The named schema inside a value's type, to be opened one level further. */
export function inner(schema: Schema): Schema | null {
  if (schema.$ref) return schema;
  if (schema.items) return inner(schema.items);
  for (const each of schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []) {
    const found = inner(each);
    if (found) return found;
  }
  if (typeof schema.additionalProperties === 'object') return inner(schema.additionalProperties);
  return schema.properties ? schema : null;
}
