const never = (): never => {
  throw new Error("functions check by schemas and write none of them as JSON Schema");
};

/** Stand in for zod's writers of JSON Schema, which only the generated documentation needs. */
export const toJSONSchema = never;
export const createToJSONSchemaMethod = () => never;
export const createStandardJSONSchemaMethod = () => never;
