import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openContext, noBrowser as skip } from "../support/browser.ts";
import { type HostName, startLand } from "../support/hosts.ts";
import { client, startIssuer } from "../support/issuer.ts";

const land = await startLand();
const issuer = await startIssuer();
after(async () => {
  await issuer[Symbol.asyncDispose]();
  await land.stop();
});

/** A person follows the link of Slack's message, signs in at the issuer, reads the incident, and signs out. */
const play = async (name: HostName, edge: "http" | "private" = "http"): Promise<void> => {
  const env = {
    ...{ PAGES_OIDC_ISSUER: issuer.url, PAGES_OIDC_CLIENT_ID: client.id, PAGES_TOKEN: "pages-token" },
    ...{ PAGES_OIDC_CLIENT_SECRET: client.secret, PAGES_SESSION_SECRET: "session-".repeat(4) },
  };
  const world = await land.world(name, { env, edge, more: "visibleTo: [payments]\n" });
  const context = await openContext();
  try {
    await world.alert("one", ["a1"]);
    await world.until("one", "IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested");
    await world.quiet();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) complaints.push(message.text());
    });
    await page.goto(`${world.sandbox.url}/slack`);
    const link = page.locator(`a[href$="/incidents/one/production"]`).first();
    const href = (await link.getAttribute("href")) ?? "";
    await page.goto(href);
    await page.getByRole("link", { name: /^Sign in with 127/ }).click();
    await page.getByRole("link", { name: "Continue as 00u1" }).click();
    await page.getByRole("heading", { level: 1, name: /^one: / }).waitFor();
    assert.equal(page.url(), `${world.url}/incidents/one/production`);
    assert.match(await page.locator(".session").innerText(), /ann@acme\.com/);
    await page.reload();
    await page.getByRole("heading", { level: 1, name: /^one: / }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out here.").waitFor();
    assert.match(
      (await page.getByRole("link", { name: /^Sign out of/ }).getAttribute("href")) ?? "",
      /\/logout\?client_id=countersteer/,
    );
    await page.goto(href);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.deepEqual(complaints, []);
    assert.ok(!world.lines.join("").includes(client.secret));
  } finally {
    await context.close();
    await world.stop();
  }
};

test(
  "a person who follows Slack's link signs in at the issuer and lands on the incident, on one machine",
  { skip },
  () => play("embedded"),
);

test("the same on AWS", { skip }, () => play("aws-local"));

test("the same on AWS behind a load balancer inside the network", { skip }, () =>
  play("aws-local", "private"),
);
