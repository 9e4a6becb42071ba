import { observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { snsTopic } from "../../../shared/adapters/sns/topic.ts";
import type { Topic } from "../../../shared/ports/topic.ts";

/** The topic that alerts come by, where the environment names it. */
export const topicOf = (arn: string | undefined): { topic?: Topic } =>
  arn ? { topic: snsTopic({ arn, fetch: observedFetch("sns") }) } : {};
