import type { Dice } from "./dice.ts";
import { type Edit, edit } from "./edit.ts";
import { type ServiceName, services } from "./services.ts";
import { fillerOf } from "./words.ts";

const rows = (count: number, row: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => row(i));

const pyTest = (service: ServiceName, dice: Dice): Edit => {
  const fill = fillerOf(dice);
  const cases = rows(dice.int(1, 6), (index) =>
    fill(`+    ("%noun%_${index}", ${dice.int(0, 9)}, ${dice.pick(["True", "False", "None"])}),`),
  );
  const text = `
 import pytest

-CASES = [("%noun%", 1, True)]
+CASES = [
${cases.join("\n")}
+]


 @pytest.mark.parametrize("name, count, expected", CASES)
-def test_%noun%(name, count, expected):
+def test_%noun%_of_%other%(name, count, expected, db):
     assert rule(name, count) is expected`;
  return edit(`${services[service].root}/tests/test_${fill("%noun%")}.py`, fill(text));
};

const tsTest = (service: ServiceName, dice: Dice): Edit => {
  const fill = fillerOf(dice);
  const cases = rows(
    dice.int(1, 4),
    () => `+test("${dice.pick(["keeps", "sorts", "drops", "shows"])} a ${fillerOf(dice)("%noun%")}", async () => {
+  const { render } = setup({ count: ${dice.int(0, 20)} });
+  expect(await render()).toHaveLength(${dice.int(0, 9)});
+});
+`,
  );
  const text = `
 import { setup } from "./setup";

-test("shows a %noun%", () => {
-  expect(setup().text()).toContain("%noun%");
-});
+test("shows the %noun% of a %other%", () => {
+  expect(setup({ kind: "%other%" }).text()).toContain("%noun%");
+});
+
${cases.join("\n")}`;
  return edit(`${services[service].root}/test/${fill("%noun%")}.test.ts`, fill(text));
};

const words = (dice: Dice): Edit => {
  const language = dice.pick(["de", "fr", "ja", "pt", "es"]);
  const lines = rows(dice.int(2, 8), () => fillerOf(dice)('+  "%noun%.%other%": "%Noun% %other%",'));
  const fill = fillerOf(dice);
  return edit(
    `apps/web/locales/${language}.json`,
    fill(`
   "%third%.title": "%Third%",
-  "%noun%.save": "%Noun%",
+  "%noun%.save": "%Noun% (%n%)",
${lines.join("\n")}
   "%fourth%.close": "OK",`),
  );
};

const notes = (service: ServiceName, dice: Dice): Edit => {
  const lines = rows(dice.int(2, 6), () => fillerOf(dice)("+- Each %noun% belongs to one %other%."));
  const fill = fillerOf(dice);
  return edit(
    `${services[service].root}/docs/${fill("%noun%")}.md`,
    fill(`
 # %Noun%

-Each %noun% is stored by workspace.
+Each %noun% is stored by workspace, see [%other%](./%other%.md).
${lines.join("\n")}

 ## Limits`),
  );
};

const values = (service: ServiceName, dice: Dice): Edit => {
  const fill = fillerOf(dice);
  const cpu = dice.int(1, 8) * 100;
  return edit(
    `${services[service].root}/deploy/staging.yaml`,
    fill(`
 environment: staging
-replicas: 1
+replicas: 2
 resources:
   requests:
-    cpu: ${cpu}m
+    cpu: ${cpu + 50}m
 env:
+  LOG_LEVEL: debug
+  SAMPLE_RATE: "0.${dice.int(1, 9)}"
   SEED_WORKSPACE: "%tenant%"`),
  );
};

/** One more file of a commit: a test, a translation, a page of notes, values of the staging environment. */
export const paddingOf = (service: ServiceName, dice: Dice): Edit => {
  const test = services[service].language === "py" ? pyTest : tsTest;
  const kind = dice.int(0, 9);
  if (kind < 5) return test(service, dice);
  if (kind < 7) return words(dice);
  return kind < 9 ? notes(service, dice) : values(service, dice);
};
