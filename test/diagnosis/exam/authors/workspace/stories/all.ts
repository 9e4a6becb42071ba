import type { Story } from "../story.ts";
import { backlogs } from "./backlog.ts";
import { canaries } from "./canary.ts";
import { conversions } from "./conversion.ts";
import { databases } from "./database.ts";
import { deliveries } from "./delivery.ts";
import { edges } from "./edge.ts";
import { growths } from "./growth.ts";
import { indexes } from "./index-content.ts";
import { pageLoads } from "./page-load.ts";
import { payments } from "./payment.ts";
import { permissions } from "./permission.ts";
import { signIns } from "./sign-in.ts";
import { uploads } from "./upload.ts";

export const all: readonly Story[] = [
  ...backlogs,
  ...canaries,
  ...conversions,
  ...databases,
  ...deliveries,
  ...edges,
  ...growths,
  ...indexes,
  ...pageLoads,
  ...payments,
  ...permissions,
  ...signIns,
  ...uploads,
];
