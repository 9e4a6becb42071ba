import { object } from "zod";
import type { Access } from "../../functions/login/access.ts";
import type { Host } from "./host.ts";

/** The caller whose signature API Gateway has checked: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html */
const signed = object({
  requestContext: object({ authorizer: object({ iam: object({}) }) }),
});

/** Readers of the pages: those whose signature the API has checked, and those who know the token. */
export const readersOf = ({ env, secret }: Host): Access => ({
  isOpen: env.PAGES_LOGIN === "none",
  vouchesFor: (bindings) => signed.safeParse(bindings).success,
  tokens: [secret("PAGES_TOKEN"), secret("PAGES_TOKEN_PREVIOUS")].filter((token) => token !== undefined),
  ...(env.BASE_URL && { publicUrl: env.BASE_URL }),
});
