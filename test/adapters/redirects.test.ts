import { test } from "node:test";
import { followsNoRedirect } from "../abuse/upstreams.ts";
import { calls } from "../support/upstreams.ts";

for (const [name, call] of Object.entries(calls))
  test(`${name}: a redirect is a failure, and nothing is asked or sent elsewhere`, () =>
    followsNoRedirect(call));
