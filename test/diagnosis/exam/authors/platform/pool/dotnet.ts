import type { Change } from "../change.ts";
import type { Random } from "../random.ts";
import type { Service } from "../services.ts";

const lower = (noun: string) => noun.toLowerCase();

const field = (r: Random, { source, space, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  const name = r.pick(["ExternalReference", "BookedAt", "ChannelCode", "BranchId", "Remark"]);
  return {
    title: `Return ${name} with each ${lower(noun)}`,
    files: {
      [`${source}/src/${space}.Contracts/${noun}Response.cs`]: `
@@ public sealed record ${noun}Response
 public sealed record ${noun}Response
 {
     public required Guid Id { get; init; }
     public required string Currency { get; init; }
+    /// <summary>Filled by the channel; may be empty.</summary>
+    public string? ${name} { get; init; }
     public required decimal Amount { get; init; }
 }`,
      [`${source}/src/${space}/Mapping/${noun}Mapper.cs`]: `
@@ internal static class ${noun}Mapper
         Id = entity.Id,
         Currency = entity.Currency,
-        Amount = entity.Amount
+        Amount = entity.Amount,
+        ${name} = entity.${name}
     };`,
    },
  };
};

const validator = (r: Random, { source, space, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: r.pick([`Extract ${noun}Validator`, `Move ${lower(noun)} checks out of the controller`]),
    files: {
      [`${source}/src/${space}/Controllers/${noun}Controller.cs`]: `
@@ public async Task<IActionResult> Create(${noun}Request request, CancellationToken ct)
     {
-        if (string.IsNullOrWhiteSpace(request.Currency))
-            return BadRequest("currency");
-        if (request.Amount <= 0)
-            return BadRequest("amount");
+        if (${noun}Validator.Check(request) is { } problem)
+            return BadRequest(problem);
         var created = await _store.AddAsync(request, ct);
         return Created($"/${lower(noun)}s/{created.Id}", created);`,
      [`${source}/src/${space}/Validation/${noun}Validator.cs`]: `
+namespace ${space}.Validation;
+
+internal static class ${noun}Validator
+{
+    public static string? Check(${noun}Request request)
+    {
+        if (string.IsNullOrWhiteSpace(request.Currency)) return "currency";
+        return request.Amount <= 0 ? "amount" : null;
+    }
+}`,
    },
  };
};

const logging = (r: Random, { source, space, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Log ${lower(noun)} outcome with structured fields`,
    body: "The message template was built by interpolation, so the index had no fields.",
    files: {
      [`${source}/src/${space}/Handlers/${noun}Handler.cs`]: `
@@ public async Task<Result> Handle(${noun}Command command, CancellationToken ct)
         var result = await _next.Handle(command, ct);
-        _logger.LogInformation($"${noun} {command.Id} done in {watch.ElapsedMilliseconds} ms");
+        _logger.LogInformation(
+            "${noun} {${noun}Id} finished as {Outcome} in {ElapsedMs} ms",
+            command.Id,
+            result.Outcome,
+            watch.ElapsedMilliseconds);
         return result;
     }`,
    },
  };
};

const endpoint = (r: Random, { source, space, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  const by = r.pick(["month", "branch", "channel", "state"]);
  return {
    title: `Add read-only listing of ${lower(noun)}s by ${by}`,
    files: {
      [`${source}/src/${space}/Endpoints/${noun}Listing.cs`]: `
+namespace ${space}.Endpoints;
+
+public static class ${noun}Listing
+{
+    public static void Map(IEndpointRouteBuilder routes) =>
+        routes.MapGet("/internal/${lower(noun)}s/by-${by}/{key}", async (
+            string key, I${noun}Reader reader, CancellationToken ct) =>
+                Results.Ok(await reader.By${by[0]!.toUpperCase()}${by.slice(1)}(key, 50, ct)))
+            .RequireAuthorization("back-office");
+}`,
      [`${source}/src/${space}/Program.cs`]: `
@@ var app = builder.Build();
 app.MapHealthChecks("/health");
+${noun}Listing.Map(app);
 app.MapControllers();
 app.Run();`,
    },
  };
};

const bump = (r: Random, { source, space }: Service): Change => {
  const name = r.pick([
    "Serilog.AspNetCore",
    "FluentValidation",
    "xunit",
    "Verify.Xunit",
    "OpenTelemetry.Api",
  ]);
  const major = r.int(2, 9);
  const minor = r.int(1, 14);
  return {
    title: `chore(deps): update dependency ${name.toLowerCase()} to ${major}.${minor}.${r.int(3, 6)}`,
    bot: true,
    files: {
      [`${source}/Directory.Packages.props`]: `
@@ <ItemGroup>
     <PackageVersion Include="Npgsql" Version="8.0.4" />
-    <PackageVersion Include="${name}" Version="${major}.${minor}.1" />
+    <PackageVersion Include="${name}" Version="${major}.${minor}.3" />
     <PackageVersion Include="Polly" Version="8.4.1" />`,
      [`${source}/src/${space}/packages.lock.json`]: `
@@ "net8.0": {
       "${name}": {
         "type": "Direct",
-        "requested": "[${major}.${minor}.1, )",
-        "resolved": "${major}.${minor}.1",
-        "contentHash": "${r.hex(24)}=="
+        "requested": "[${major}.${minor}.3, )",
+        "resolved": "${major}.${minor}.3",
+        "contentHash": "${r.hex(24)}=="
       },`,
    },
  };
};

const cancel = (r: Random, { source, space, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Pass the cancellation token through ${noun}Repository`,
    files: {
      [`${source}/src/${space}.Data/${noun}Repository.cs`]: `
@@ internal sealed class ${noun}Repository
-    public async Task<${noun}?> FindAsync(Guid id)
+    public async Task<${noun}?> FindAsync(Guid id, CancellationToken ct)
     {
-        await using var connection = await _source.OpenConnectionAsync();
-        return await connection.QuerySingleOrDefaultAsync<${noun}>(Select, new { id });
+        await using var connection = await _source.OpenConnectionAsync(ct);
+        var query = new CommandDefinition(Select, new { id }, cancellationToken: ct);
+        return await connection.QuerySingleOrDefaultAsync<${noun}>(query);
     }`,
    },
  };
};

const nullable = (r: Random, { source, space, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Enable nullable references in ${space}.${noun}s`,
    files: {
      [`${source}/src/${space}.${noun}s/${noun}Options.cs`]: `
@@ public sealed class ${noun}Options
-    public string Region { get; set; }
-    public string Audience { get; set; }
-    public Uri Callback { get; set; }
+    public required string Region { get; set; } = "eu";
+    public string? Audience { get; set; }
+    public Uri? Callback { get; set; }
     public bool DryRun { get; set; }`,
      [`${source}/src/${space}.${noun}s/${space}.${noun}s.csproj`]: `
   <PropertyGroup>
     <TargetFramework>net8.0</TargetFramework>
+    <Nullable>enable</Nullable>
   </PropertyGroup>`,
    },
  };
};

const enumText = (r: Random, { source, space, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Show ${lower(noun)} state in words in the back office`,
    files: {
      [`${source}/src/${space}/Display/${noun}StateText.cs`]: `
@@ internal static string Of(${noun}State state) => state switch
     {
         ${noun}State.Open => "open",
-        ${noun}State.Held => "HELD",
-        ${noun}State.Done => "DONE",
+        ${noun}State.Held => "held for review",
+        ${noun}State.Done => "completed",
+        ${noun}State.Cancelled => "cancelled by the customer",
         _ => state.ToString()
     };`,
    },
  };
};

export const dotnet = [field, validator, logging, endpoint, bump, cancel, nullable, enumText];
