import { edit } from "../edit.ts";
import { log, once, type Story, track } from "../story.ts";

const checkout: Story = {
  name: "upgrades drop",
  service: "web",
  owner: "web",
  wait: "now",
  symptoms: [
    "UpgradesLow: completed upgrades on web 70% below the same hour last week",
    "Sales: nobody has bought since a while? Checkout page looks fine to me",
    "web: upgrade conversion dropped, no 5xx",
  ],
  culprits: [
    {
      subjects: ["Validate the address form with zod", "Refactor checkout forms", "Nicer address form"],
      edits: [
        edit(
          "apps/web/src/checkout/address.ts",
          `
-export const address = (form: Form) => ({
-  name: form.name,
-  country: form.country,
-  vat: form.vat ?? "",
-});
+export const address = z.object({
+  name: z.string().min(1),
+  country: z.string().length(2),
+  vat: z.string().regex(/^[A-Z]{2}\\d+$/),
+});`,
        ),
        edit(
          "apps/web/src/checkout/Pay.tsx",
          `
 export const Pay = ({ form }: Props) => {
-  const ready = Boolean(form.name && form.country);
+  const ready = address.safeParse(form).success;
   return (
     <Button disabled={!ready} onClick={() => pay(form)}>`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Refactor checkout forms",
      "Sort countries in the address form",
      "Checkout: order of the fields",
    ],
    edits: [
      edit(
        "apps/web/src/checkout/Pay.tsx",
        `
+const isReady = (form: Form) => Boolean(form.name && form.country);
+
 export const Pay = ({ form }: Props) => {
-  const ready = Boolean(form.name && form.country);
   return (
-    <Button disabled={!ready} onClick={() => pay(form)}>
+    <Button disabled={!isReady(form)} onClick={() => pay(form)}>
       {t("checkout.pay")}
     </Button>
   );`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["New prices on the upgrade page", "Upgrade page: yearly first"],
      edits: [
        edit(
          "apps/web/src/pages/upgrade.tsx",
          `
 export const Upgrade = () => {
-  const [period, setPeriod] = useState<Period>("month");
+  const [period, setPeriod] = useState<Period>("year");
   return (
     <Plans period={period}>
+      <Toggle
+        value={period}
+        options={["year", "month"]}
+        onChange={setPeriod}
+      />`,
        ),
      ],
    },
    {
      subjects: ["Charge upgrades at once", "Prorate upgrades in the middle of a month"],
      edits: [
        edit(
          "services/billing/billing/upgrade.py",
          `
 def upgrade(account, plan, today):
     left = account.period.end - today
-    amount = plan.price
+    share = Decimal(left.days) / account.period.days
+    amount = (plan.price * share).quantize(CENT)
     charge(account, amount)
-    account.plan = plan
+    account.change_plan(plan, at=today)`,
        ),
      ],
    },
  ],
  guilty: [
    log("web", "info", "checkout.opened tenant=%tenant% session=%id% vat=empty"),
    log("web", "info", "checkout.left tenant=%tenant% session=%id% pay_enabled=false seconds=%n%"),
    log("billing", "info", "charge ok tenant=%tenant% vat=DE%k% %ms%ms"),
  ],
  twin: [
    log("web", "info", "checkout.opened tenant=%tenant% session=%id% vat=empty"),
    log("web", "info", "checkout.pay_clicked tenant=%tenant% session=%id% result=challenge_timeout"),
    log(
      "billing",
      "warn",
      "charge of %tenant% unfinished: 3-D Secure challenge timed out acs=issuer-network %slow%ms",
    ),
  ],
  tracks: [
    track("upgrades_completed_per_10m", 34, "step:8", "step:6"),
    track("checkout_opened_per_10m", 120, "flat", "flat"),
    track("pay_clicks_per_10m", 44, "step:10", "step:61"),
    track("challenge_timeouts_per_10m", 1, "flat", "step:48", { service: "billing" }),
    track("http_5xx_ratio", 0.001, "flat", "flat"),
  ],
  spare: ["logs", "deploys", "series"],
};

const seats: Story = {
  name: "sign-ups fall",
  service: "web",
  owner: "identity",
  wait: "now",
  symptoms: [
    "SignUpsLow: new workspaces per 10 minutes below forecast (web)",
    "Marketing asks why the number of sign-ups fell by half",
    "web sign-up funnel drop",
  ],
  culprits: [
    {
      subjects: [
        "Check e-mail addresses strictly",
        "Use the shared address validator",
        "Refactor sign-up validation",
      ],
      edits: [
        edit(
          "services/identity/identity/signup.py",
          `
-PLAIN = re.compile(r"^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$")
+PLAIN = re.compile(r"^[a-z0-9]+@[a-z0-9]+\\.[a-z]{2,4}$")


 def validate(data):
     email = data["email"].strip().lower()
-    if not PLAIN.match(email):
-        raise ValidationError({"email": "invalid"})
+    if not PLAIN.fullmatch(email):
+        raise ValidationError({"email": "invalid", "hint": "check the address"})
     return email`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Refactor sign-up validation",
      "Return a hint with invalid addresses",
      "Strip addresses in one place",
    ],
    edits: [
      edit(
        "services/identity/identity/signup.py",
        `
+def tidy(email):
+    return email.strip().lower()
+
+
 def validate(data):
-    email = data["email"].strip().lower()
+    email = tidy(data["email"])
     if not PLAIN.match(email):
-        raise ValidationError({"email": "invalid"})
+        raise ValidationError({"email": "invalid", "hint": "check the address"})
     return email`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Sign-up: ask for the team's size", "One more question in the sign-up"],
      edits: [
        edit(
          "apps/web/src/pages/sign-up.tsx",
          `
   <Steps>
     <Step name="email" />
     <Step name="workspace" />
-    <Step name="invite" />
+    <Step name="size" optional>
+      <Choice options={["1", "2-10", "11-100", "100+"]} />
+    </Step>
+    <Step name="invite" optional />
   </Steps>`,
        ),
      ],
    },
    {
      subjects: ["New workspaces start with a tour", "Workspace creation: sample pages"],
      edits: [
        edit(
          "services/documents/documents/starter.py",
          `
 def starter_pages(workspace):
-    yield Page(title="Welcome", workspace=workspace)
+    for name in ("Welcome", "Meeting notes", "Road map"):
+        yield Page(
+            title=translate(name, workspace.language),
+            workspace=workspace,
+        )`,
        ),
      ],
    },
  ],
  guilty: [
    log("identity", "info", "422 POST /signup field=email reason=invalid domain=mail.%id%.example %n%ms"),
    log(
      "identity",
      "info",
      "422 POST /signup field=email reason=invalid domain=%id%.example local has dot %n%ms",
    ),
    log("web", "info", "signup.step email error=invalid session=%id%"),
  ],
  twin: [
    log("web", "info", "landing opened source=direct session=%id%"),
    log("identity", "info", "201 POST /signup workspace=%tenant% source=direct %ms%ms"),
    once(
      -20,
      "web",
      "warn",
      "campaign redirect go.workspace.example: 0 hits for 5 min, the ad network reports the campaign 'spring' as ended (budget used up)",
    ),
  ],
  tracks: [
    track("workspaces_created_per_10m", 52, "step:19", "step:20"),
    track("landing_visits_per_10m", 900, "flat", "step:350"),
    track('landing_visits_per_10m{source="campaign"}', 540, "flat", "step:2"),
    track('signup_rejected_per_10m{field="email"}', 6, "step:71", "step:3", { service: "identity" }),
  ],
  spare: ["logs", "deploys", "series"],
};

export const conversions: readonly Story[] = [checkout, seats];
