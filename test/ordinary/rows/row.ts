import type { TestContext } from "node:test";
import type { LoopHost } from "../../support/loop-hosts.ts";

/** One incident of a kind, with words, sizes and an order of its own, as a host plays it. */
export type Sibling = { sibling: string; play: (host: LoopHost, t: TestContext) => Promise<void> };
