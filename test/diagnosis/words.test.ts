import assert from "node:assert/strict";
import { test } from "node:test";
import { words } from "../../shared/diagnosis/ranking/tokens.ts";

test("the glue of a language is never a word that an alert and a change share", () => {
  const said = {
    French: "le taux des factures en erreur sur la production de ce mois",
    German: "der Dienst für die Rechnung ist nicht im Netz",
    Spanish: "los pagos del cliente no pasan por la pasarela",
  };
  assert.deepEqual(Object.values(said).map(words), [
    ["taux", "factur", "erreur", "production", "moi"],
    ["dienst", "die", "rechnung", "netz"],
    ["pago", "client", "pasan", "pasarela"],
  ]);
});
