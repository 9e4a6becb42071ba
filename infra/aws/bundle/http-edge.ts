/** The part of a compiled CloudFormation template that is changed here. */
type Resource = { Type: string; Condition?: string; Properties: Record<string, unknown> };
type Template = {
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Condition?: string }>;
  Rules?: unknown;
};
type Osls = { service: { provider: { compiledCloudFormationTemplate: Template } } };

/** The senders from outside, each of which signs what it sends. */
const outside = ["POST /webhooks/github", "POST /slack/interactions", "POST /slack/commands"];
const outsideFunctions = ["Github", "Answers"];

/** The condition under which a resource of the HTTP API stands; undefined for a resource of another kind. */
const conditionOf = (id: string, { Type, Properties }: Resource): string | undefined => {
  if (Type === "AWS::ApiGatewayV2::Route")
    return outside.includes(String(Properties.RouteKey)) ? "HasHttpApi" : "IsHttp";
  const [, name] = /^HttpApiIntegration(\w+)$/.exec(id) ?? /^(\w+)LambdaPermissionHttpApi$/.exec(id) ?? [];
  if (name !== undefined) return outsideFunctions.includes(name) ? "HasHttpApi" : "IsHttp";
  return ["HttpApi", "HttpApiStage", "HttpApiLogGroup", "RefusedAlarm"].includes(id)
    ? "HasHttpApi"
    : undefined;
};

const isGiven = (parameter: string) => ({ "Fn::Not": [{ "Fn::Equals": [{ Ref: parameter }, ""] }] });

/** The parameters that an edge needs, or cannot have: CloudFormation refuses others before it makes anything. */
export const rules = {
  PrivateEdge: {
    RuleCondition: { "Fn::Equals": [{ Ref: "Edge" }, "private"] },
    Assertions: [
      { Assert: isGiven("DomainName"), AssertDescription: "Edge private needs DomainName" },
      { Assert: isGiven("CertificateArn"), AssertDescription: "Edge private needs CertificateArn" },
      {
        Assert: { "Fn::Equals": [{ Ref: "TruststoreUri" }, ""] },
        AssertDescription: "TruststoreUri is for Edge http alone",
      },
    ],
  },
};

/**
 * A plugin of osls: the resources that it makes for the HTTP API stand only where `Edge` wants them, and the template has the rules that
 * osls takes from nowhere.
 */
export default class HttpEdge {
  hooks: Record<string, () => void>;
  constructor({ service }: Osls) {
    this.hooks = {
      "after:aws:package:finalize:mergeCustomProviderResources": () => {
        const template = service.provider.compiledCloudFormationTemplate;
        template.Rules = rules;
        for (const [id, resource] of Object.entries(template.Resources)) {
          const condition = conditionOf(id, resource);
          if (condition !== undefined) resource.Condition = condition;
        }
        for (const id of ["HttpApiId", "HttpApiUrl"]) {
          const output = template.Outputs[id];
          if (output !== undefined) output.Condition = "HasHttpApi";
        }
      },
    };
  }
}
