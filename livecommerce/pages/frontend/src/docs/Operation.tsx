// One method and path: what it takes, what it answers.
import type { ComponentChildren } from 'preact';
import { docsWords } from '../words/docs';
import { Icon } from '../parts/Icon';
import { inner, resolved, typeOf, type Content, type Description, type Entry, type Schema } from './openapi';

const LOOKS: Record<string, string> = {
  get: 'bg-calico text-indigo', post: 'bg-[#e3efe6] text-success', put: 'bg-[#f9ebcf] text-[#6d4300]',
  patch: 'bg-[#f9ebcf] text-[#6d4300]', delete: 'bg-[#fbe3dd] text-error',
};

function Fields({ description, schema, depth = 0 }: { description: Description; schema: Schema; depth?: number }) {
  const w = docsWords.value;
  const found = inner(schema);
  const object = found ? resolved(description, found) : {};
  const fields = Object.entries(object.properties ?? {});
  if (fields.length === 0) return null;
  return (
    <ul class={depth > 0 ? 'ml-2 border-l border-base-300 pl-3' : ''}>
      {fields.map(([name, field]) => {
        const deeper = depth < 3 ? inner(field) : null;
        return (
          <li key={name} class="py-1 text-sm">
            <p class="flex flex-wrap items-baseline gap-x-2">
              <code class="font-semibold">{name}</code>
              <span class="text-xs break-all text-quiet">{typeOf(field)}</span>
              {object.required?.includes(name) && <span class="text-xs font-semibold text-primary">{w.required}</span>}
            </p>
            {field.description && <p class="text-xs text-quiet">{field.description}</p>}
            {deeper && (
              <details>
                <summary class="inline-flex min-h-6 items-center gap-1 text-xs font-medium text-indigo">{typeOf(deeper)}<Icon name="down" size={12} /></summary>
                <Fields description={description} schema={deeper} depth={depth + 1} />
              </details>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="mt-4">
      <p class="eyebrow mb-1">{title}</p>
      {children}
    </div>
  );
}

function schemaOf(content: Content | undefined): Schema | undefined {
  return Object.values(content?.content ?? {})[0]?.schema;
}

function Example({ content }: { content: Content | undefined }) {
  const example = Object.values(content?.content ?? {})[0]?.example;
  if (example === undefined) return null;
  const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
  return (
    <details class="mt-2" data-testid="example">
      <summary class="inline-flex min-h-6 items-center gap-1 text-xs font-medium text-indigo">{docsWords.value.example}<Icon name="down" size={12} /></summary>
      <pre class="mt-1 max-h-96 overflow-auto rounded-lg bg-base-200 p-3 text-xs" tabIndex={0}>{text}</pre>
    </details>
  );
}

export function OperationView({ entry, description }: { entry: Entry; description: Description }) {
  const w = docsWords.value;
  const { method, path, operation } = entry;
  const body = schemaOf(operation.requestBody);
  const answers = Object.entries(operation.responses ?? {});
  const may = Object.entries(operation).find(([key]) => /^x-.*(may|guard|access)/.test(key))?.[1];
  return (
    <details class="group border-b border-base-300 last:border-0" data-testid="operation">
      <summary class="flex min-h-13 list-none items-center gap-x-3 px-4 py-2.5 hover:bg-base-200">
        <span class={`w-16 shrink-0 rounded-md py-0.5 text-center text-xs font-bold uppercase ${LOOKS[method] ?? ''}`}>{method}</span>
        <span class="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1">
          <code class="text-sm font-semibold break-all">{path}</code>
          <span class="min-w-40 flex-1 text-sm text-quiet">{operation.summary}</span>
        </span>
        <Icon name="down" size={16} class="shrink-0 text-quiet transition-transform group-open:rotate-180" />
      </summary>
      <div class="bg-base-200/60 px-4 pt-1 pb-5">
        {operation.description && operation.description !== operation.summary && <p class="mt-2 text-sm">{operation.description}</p>}
        {typeof may === 'string' && <Section title={w.access}><p class="text-sm">{may}</p></Section>}
        {operation.parameters && operation.parameters.length > 0 && (
          <Section title={w.parameters}>
            <ul>
              {operation.parameters.map((parameter) => (
                <li key={parameter.in + parameter.name} class="flex flex-wrap items-baseline gap-x-2 py-1 text-sm">
                  <code class="font-semibold">{parameter.name}</code>
                  <span class="tag bg-base-300 px-2 text-quiet">{w.where[parameter.in] ?? parameter.in}</span>
                  <span class="text-xs text-quiet">{typeOf(parameter.schema)}</span>
                  {parameter.required && <span class="text-xs font-semibold text-primary">{w.required}</span>}
                </li>
              ))}
            </ul>
          </Section>
        )}
        {body && <Section title={`${w.body} · ${typeOf(body)}`}><Fields description={description} schema={body} /><Example content={operation.requestBody} /></Section>}
        {answers.length > 0 && (
          <Section title={w.answers}>
            {answers.map(([status, answer]) => {
              const schema = schemaOf(answer);
              return (
                <div key={status} class="mt-2 rounded-xl border border-base-300 bg-base-100 p-3">
                  <p class="flex flex-wrap items-baseline gap-2 text-sm"><span class={`font-bold ${status < '400' ? 'text-success' : 'text-error'}`}>{status}</span><span class="text-quiet">{answer.description}</span>{schema && <code class="text-xs text-quiet">{typeOf(schema)}</code>}</p>
                  {schema && status < '400' && <div class="mt-1"><Fields description={description} schema={schema} /></div>}
                  <Example content={answer} />
                </div>
              );
            })}
          </Section>
        )}
      </div>
    </details>
  );
}
