import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployer } from "../../shared/policy/deployers.ts";
import type { Registry } from "../../shared/ports/registry.ts";
import { doors } from "../support/doors.ts";
import { secrets } from "../support/payloads.ts";
import { service, world } from "../support/world.ts";

export const folder = join(import.meta.dirname, "../fixtures/deploys");

export const read = (name: string): string => readFileSync(join(folder, name), "utf8");

export const json = (name: string) => JSON.parse(read(name));

export const application = "9d1f0f5c2f6f0c3c7a6b5d4e3f2a1b0c9d8e7f60";

export const digest = "sha256:0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427";

export const source = "https://github.com/company/payment-gateway";

/** The image of the captures was built from the application's commit. */
export const registry: Registry = {
  origin: async (image) => (image.digest === digest ? { revision: application, source } : undefined),
};

export const at = (instant: string): number => Date.parse(instant);

/** The doors of one service that these deployers deploy. */
export const receiving = (
  deploys: Deployer[],
  over: Parameters<typeof doors>[1] & { environments?: string[] } = {},
) => {
  const { environments = ["production"], ...more } = over;
  const made = doors(world(), {
    services: [service({ repository: "company/payment-gateway", deploys, environments })],
    registry,
    ...more,
  });
  made.made.state.now = at("2026-11-22T15:00:00Z");
  const send = async (body: unknown, headers: Record<string, string> = {}) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await made.post("/webhooks/deploys", text, {
      authorization: `Bearer ${secrets.deploys}`,
      ...headers,
    });
    return [response.status, await response.json()];
  };
  /** Without when they were heard. */
  const stored = async (environment = "production") =>
    (await made.made.store.deploys("payment-gateway", environment, 0)).map(({ heard: _, ...one }) => one);
  return { ...made, send, stored };
};

export const recorded = [202, { outcome: "recorded", incident: "payment-gateway/production" }];

export const record = (over: object) => ({ service: "payment-gateway", environment: "production", ...over });

export const left = (outcome: string) => [202, { outcome }];

export const environment: Deployer = {
  tool: "cdevents",
  name: "prod/eu-west-1",
  image: "ghcr.io/company/payment-gateway",
};
