import { registries, type Named } from './registries.js';
import { RunConfig } from './runConfig.js';
import { inputSchemaOf, type JsonSchema } from './schemaPaths.js';

/**
 * JSON Schema (draft 2020-12) of assay.yaml for editors: completes keys and names, and says what a setting means. It
 * knows what a model takes by its name; rules between settings are checked by `assay run` only.
 */
export function editorSchema(): JsonSchema & { readonly title: string } {
  const root = inputSchemaOf(RunConfig);
  const properties = root.properties ?? {};
  const names = (list: readonly Named[]): JsonSchema => ({ enum: list.map(({ name }) => name) });
  return {
    ...root,
    title: 'assay.yaml',
    properties: {
      ...properties,
      task: { ...properties['task'], ...names(registries.tasks) },
      model: { oneOf: registries.models.map((model) => modelSchema(model, properties['model'])) },
      importance: withProperty(properties['importance'], 'estimator', names(registries.estimators)),
      loop: withProperty(properties['loop'], 'metric', names(registries.metrics)),
    },
  };
}

function modelSchema({ name, paramsSchema }: Named, model: JsonSchema | undefined): JsonSchema {
  const params = paramsSchema ? inputSchemaOf(paramsSchema) : {};
  return {
    ...params,
    properties: { ...model?.properties, ...params.properties, name: { const: name } },
    required: ['name', ...(params.required ?? [])],
    additionalProperties: false,
  };
}

/** Adds to what is said of a key, in each form of the section that has it. */
function withProperty(section: JsonSchema | undefined, key: string, more: JsonSchema): JsonSchema {
  if (section?.anyOf)
    return { ...section, anyOf: section.anyOf.map((form) => withProperty(form, key, more)) };
  const properties = section?.properties;
  if (!properties) return { ...section };
  return { ...section, properties: { ...properties, [key]: { ...properties[key], ...more } } };
}
