import assert from "node:assert/strict";
import { test } from "node:test";
import { sees, visibleServices } from "../../shared/policy/visibility.ts";

const ann = { name: "ann", groups: ["payments"], email: "Ann@acme.com" };

test("a reader is meant by a group, an address or the domain of a vouched address, and by nothing like it", () => {
  for (const one of ["payments", "ann@acme.com", "*@ACME.com"]) assert.equal(sees(ann, [one]), true, one);
  for (const one of ["Payments", "pay", "ann", "ann@acme.co", "*@cme.com", "*@acme.com.evil.example"])
    assert.equal(sees(ann, ["search", one]), false, one);
  assert.equal(sees({ name: "ann@acme.com", groups: [] }, ["ann@acme.com", "*@acme.com"]), false);
  assert.equal(sees({ name: "all", groups: "all" }, ["search"]), true);
  assert.equal(sees(ann, undefined), true);
});

test("each service may have its own readers, and those of the file are for the others and for no removed service", () => {
  const services = [
    { name: "pay", visibleTo: ["payments"] },
    { name: "search", visibleTo: ["search"] },
    { name: "web" },
  ];
  const seen = (visibleTo?: string[]) =>
    ["pay", "search", "web", "removed"].filter(
      visibleServices({ services, ...(visibleTo && { visibleTo }) }, ann),
    );
  assert.deepEqual(seen(), ["pay", "web"]);
  assert.deepEqual(seen(["staff"]), ["pay"]);
  assert.deepEqual(seen(["*@acme.com"]), ["pay", "web"]);
  assert.deepEqual(["removed"].filter(visibleServices({ services: [{ name: "web" }] }, ann)), ["removed"]);
});
