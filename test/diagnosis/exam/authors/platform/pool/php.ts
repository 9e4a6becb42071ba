import type { Change } from "../change.ts";
import type { Random } from "../random.ts";
import type { Service } from "../services.ts";

const lower = (noun: string) => noun.toLowerCase();

const types = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Declare types in ${noun}Repository`,
    files: {
      [`${source}/src/Repository/${noun}Repository.php`]: `
@@ final class ${noun}Repository
-    public function find($id)
+    public function find(int $id): ?${noun}
     {
         return $this->em->find(${noun}::class, $id);
     }
 
-    public function latest($limit = 20)
+    /** @return list<${noun}> */
+    public function latest(int $limit = 20): array
     {`,
    },
  };
};

const template = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: r.pick([`Show the ${lower(noun)} number in the list`, `Add a column to the ${lower(noun)} table`]),
    files: {
      [`${source}/templates/${lower(noun)}/list.html.twig`]: `
@@ <thead>
     <th>{{ 'list.created'|trans }}</th>
+    <th>{{ 'list.number'|trans }}</th>
     <th>{{ 'list.state'|trans }}</th>
@@ {% for item in items %}
     <td>{{ item.createdAt|date('Y-m-d') }}</td>
+    <td class="mono">{{ item.number }}</td>
     <td>{{ item.state }}</td>`,
      [`${source}/translations/messages.en.yaml`]: `
 list:
   created: Created
+  number: Number
   state: State
-  none: Nothing found.
+  none: Nothing matches.`,
    },
  };
};

const service = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `refactor(${lower(noun)}): constructor promotion`,
    files: {
      [`${source}/src/Service/${noun}Manager.php`]: `
@@ final class ${noun}Manager
-    private ${noun}Repository $repository;
-    private LoggerInterface $logger;
-
-    public function __construct(${noun}Repository $repository, LoggerInterface $logger)
-    {
-        $this->repository = $repository;
-        $this->logger = $logger;
-    }
+    public function __construct(
+        private readonly ${noun}Repository $repository,
+        private readonly LoggerInterface $logger,
+    ) {
+    }
 
     public function close(int $id): void`,
    },
  };
};

const csv = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Export ${lower(noun)}s with a byte order mark`,
    body: "Spreadsheets of the back office show umlauts wrongly without it.",
    files: {
      [`${source}/src/Export/${noun}Csv.php`]: `
@@ public function write(iterable $rows): string
         $out = fopen('php://temp', 'w+');
+        fwrite($out, "\\xEF\\xBB\\xBF");
         foreach ($rows as $row) {
-            fputcsv($out, $row->toArray());
+            fputcsv($out, $row->toArray(), ';');
         }
         rewind($out);`,
      [`${source}/tests/Export/${noun}CsvTest.php`]: `
@@ final class ${noun}CsvTest extends TestCase
     {
         $csv = (new ${noun}Csv())->write([]);
-        self::assertSame('', $csv);
+        self::assertSame("\\xEF\\xBB\\xBF", $csv);
     }`,
    },
  };
};

const bump = (r: Random, { source }: Service): Change => {
  const name = r.pick(["phpstan/phpstan", "symfony/var-dumper", "phpunit/phpunit", "twig/intl-extra"]);
  const minor = r.int(1, 12);
  return {
    title: `Update ${name} to 1.${minor}.${r.int(2, 9)}`,
    bot: true,
    files: {
      [`${source}/composer.lock`]: `
@@ "packages": [
             "name": "${name}",
-            "version": "1.${minor}.1",
+            "version": "1.${minor}.2",
             "source": {
                 "type": "git",
-                "reference": "${r.hex(40)}"
+                "reference": "${r.hex(40)}"
             },
             "dist": {
                 "type": "zip",
-                "shasum": ""
+                "shasum": "${r.hex(16)}"
             },`,
    },
  };
};

const voter = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Let auditors read ${lower(noun)}s`,
    files: {
      [`${source}/src/Security/${noun}Voter.php`]: `
@@ protected function voteOnAttribute(string $attribute, mixed $subject, TokenInterface $token): bool
         return match ($attribute) {
-            'VIEW' => $this->isOwner($subject, $token),
+            'VIEW' => $this->isOwner($subject, $token) || $this->isAuditor($token),
             'EDIT' => $this->isOwner($subject, $token),
             default => false,
         };
     }
+
+    private function isAuditor(TokenInterface $token): bool
+    {
+        return in_array('ROLE_AUDITOR', $token->getRoleNames(), true);
+    }`,
    },
  };
};

export const php = [types, template, service, csv, bump, voter];
