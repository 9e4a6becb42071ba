import type { Credentials } from "./signer.ts";

type Variable = "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN";

/** The credentials of AWS that the environment names. */
export const credentialsIn = (
  given: Partial<Record<Variable, string | undefined>>,
): Credentials | undefined => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = given;
  const { AWS_SESSION_TOKEN: sessionToken } = given;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};
