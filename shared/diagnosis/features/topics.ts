import { type Feature, perWindow } from "./feature.ts";
import { product } from "./product.ts";
import { time } from "./time.ts";

/** Words of one subject counted past this many add nothing. */
const enough = 3;
const shared = perWindow(({ candidates }) => {
  const count = new Map<number, number>();
  for (const { topics, irrelevant } of candidates)
    if (!irrelevant) for (const topic of topics.keys()) count.set(topic, (count.get(topic) ?? 0) + 1);
  return candidates.map(({ topics, irrelevant }) => {
    let total = 0;
    if (irrelevant) return 0;
    for (const [topic, mentions] of topics)
      total += Math.log(1 + 50 / (count.get(topic) ?? 1)) * Math.sqrt(Math.min(enough, mentions));
    return total;
  });
});
const best = perWindow((window) => shared(window).reduce((a, b) => Math.max(a, b), 0));

/** Speaks of the subjects that the alert speaks of, rare ones more. */
const topicSaid: Feature = ({ rank }, window) => Math.log1p(shared(window)[rank] ?? 0);
const topicOfBest: Feature = ({ rank }, window) =>
  best(window) === 0 ? 0 : (shared(window)[rank] ?? 0) / best(window);

export const topics = {
  topicSaid,
  topicOfBest,
  topicByRank: product(topicOfBest, time.logRank),
  topicByAge: product(topicSaid, time.logAge),
} satisfies Record<string, Feature>;
