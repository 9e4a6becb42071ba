import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { chatCompletions } from "../../../shared/adapters/opinion/chat-completions.ts";
import type { Opinions } from "../../../shared/ports/opinions.ts";
import { ConfigurationError } from "../errors.ts";

/** The model that gives second opinions, as the environment says it. */
export type OpinionSettings = {
  url?: string | undefined;
  model?: string | undefined;
  token?: string | undefined;
  budget: number;
};

export const opinionsOf = ({ url, model, ...rest }: OpinionSettings): { opinions?: Opinions } => {
  if (url === undefined && model === undefined) return {};
  if (url === undefined) throw new ConfigurationError("OPINION_MODEL is set: OPINION_URL must be set, too");
  if (model === undefined) throw new ConfigurationError("OPINION_URL is set: OPINION_MODEL must be set, too");
  return { opinions: chatCompletions({ url, model, ...rest, fetch: observedFetch("opinion") }) };
};
