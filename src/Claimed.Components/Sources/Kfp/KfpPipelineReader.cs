using System.Text.Encodings.Web;
using System.Text.Json;

namespace Claimed.Components.Sources.Kfp;

/// <summary>
/// Reads a pipeline that the KFP SDK compiled (schema 2): what it is called and takes, which is all the registry shows of it. The file itself is
/// kept and served as it came. A second document holds what is for one platform alone.
/// </summary>
internal sealed class KfpPipelineReader(SourceFile main, List<Finding> findings)
{
    private const string Info = "pipelineInfo";

    // The API server refuses a file that has another key.
    private static readonly string[] Keys = [Info, "deploymentSpec", "schemaVersion", "sdkVersion", "components", "root", "defaultPipelineRoot"];

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly KfpKeys keys = new(findings);

    /// <summary>Whether a document says of itself that it is a compiled pipeline.</summary>
    public static bool IsPipeline(YamlNode root) => root is YamlMapping mapping && mapping["implementation"] is null && (mapping[Info] is not null || mapping["deploymentSpec"] is not null);

    /// <param name="documents">All of the file.</param>
    public static Definition? Read(SourceFile main, IReadOnlyList<YamlDocument> documents, Upload upload) => new KfpPipelineReader(main, upload.Findings).Pipeline((YamlMapping)documents[0].Root, documents);

    private Definition? Pipeline(YamlMapping pipeline, IReadOnlyList<YamlDocument> documents)
    {
        var before = findings.Count(finding => finding.Severity == Severity.Error);
        foreach (var (key, _) in pipeline.Entries.Where(entry => !Keys.Contains(entry.Key.Value)))
            findings.Add(Invalid(key.Position, $"A compiled pipeline has no key `{KfpKeys.Shown(key.Value)}`; the KFP API server refuses the file.", "Compile the pipeline again, and send the file as the compiler wrote it."));
        CheckPlatforms(documents);
        var schema = keys.Text(pipeline["schemaVersion"], "schemaVersion") ?? "";
        if (!schema.StartsWith("2.", StringComparison.Ordinal))
            findings.Add(Invalid(pipeline["schemaVersion"]?.Position ?? pipeline.Position, $"The schema version is \"{KfpKeys.Shown(schema)}\", and versions 2.x are read.", "Compile the pipeline with the KFP SDK 2."));
        Demand(pipeline, "deploymentSpec");
        var root = Demand(pipeline, "root");
        if (root is not null && keys.Mapping(root["dag"], "root.dag")?["tasks"] is not YamlMapping { Entries.Count: > 0 })
            findings.Add(Invalid(root.Position, "The pipeline has no task.", "Compile a pipeline that calls at least one component."));
        var info = Demand(pipeline, Info);
        var name = Name(info);
        var (inputs, outputs) = (Ports(root, "inputDefinitions"), Ports(root, "outputDefinitions"));
        PortNames.CheckCount(inputs.Count + outputs.Count, main, findings);
        var description = keys.Text(info?["description"], "description")?.Trim() ?? "";
        DescriptionText.CheckLength(description, info?["description"]?.Position ?? pipeline.Position, findings);
        findings.Add(Finding.Suggestion("pipeline-for-kfp", pipeline.Position, "A compiled pipeline is for the SDK of KFP 2 and its API server; palettes leave it out.",
            "Nothing needs to change; publish its steps as components for the other clients."));
        return findings.Count(finding => finding.Severity == Severity.Error) > before ? null : new Definition
        {
            Name = ComponentName.Slug(name),
            DisplayName = keys.Text(info?["displayName"], "displayName") is { Length: > 0 } title ? title : name,
            Description = description,
            Language = SourceLanguage.Pipeline,
            MainFile = main.Path,
            Inputs = inputs,
            Outputs = outputs,
        };
    }

    private void CheckPlatforms(IReadOnlyList<YamlDocument> documents)
    {
        if (documents.Count > 2)
            findings.Add(YamlTree.SecondDocument(documents[2].Start));
        if (documents.Count > 1 && documents[1].Root is not YamlMapping { Entries: [{ Key.Value: "platforms" }] })
            findings.Add(Invalid(documents[1].Start, "The second document of a compiled pipeline holds `platforms` alone.", "Remove the `---` and what follows it, or send the file as the compiler wrote it."));
    }

    private string Name(YamlMapping? info)
    {
        var name = keys.Text(info?["name"], $"{Info}.name")?.Trim() ?? "";
        if (info is not null && name.Length == 0)
            findings.Add(Finding.Error("name-missing", info.Position, "The pipeline has no name.", $"Write `{Info}: {{name: …}}`, or compile it with `@dsl.pipeline(name=…)`."));
        return name;
    }

    private YamlMapping? Demand(YamlMapping pipeline, string key)
    {
        if (pipeline[key] is YamlMapping mapping)
            return mapping;
        findings.Add(Invalid(pipeline[key]?.Position ?? pipeline.Position, $"A compiled pipeline has a mapping `{key}`.", "Send the file as the compiler wrote it."));
        return null;
    }

    private List<Port> Ports(YamlMapping? root, string key)
    {
        if (keys.Mapping(root?[key], key) is not { } definitions)
            return [];
        return
        [
            .. (keys.Mapping(definitions["artifacts"], "artifacts")?.Entries ?? []).Select(entry => Artifact(entry.Key, entry.Value)),
            .. (keys.Mapping(definitions["parameters"], "parameters")?.Entries ?? []).Select(entry => Parameter(entry.Key, entry.Value)),
        ];
    }

    private Port Artifact(YamlScalar name, YamlNode node)
    {
        var artifact = keys.Mapping(node, "an artifact");
        // `system.Dataset`, or `acme.Table` of a type that somebody made.
        var title = keys.Text(keys.Mapping(artifact?["artifactType"], "artifactType")?["schemaTitle"], "schemaTitle") ?? "";
        return Named(name, artifact) with
        {
            Type = title.StartsWith("system.", StringComparison.Ordinal) ? title["system.".Length..] : title.Length > 0 ? title : "Artifact",
            Passing = PortPassing.File,
        };
    }

    private Port Parameter(YamlScalar name, YamlNode node)
    {
        var parameter = keys.Mapping(node, "a parameter");
        var port = Named(name, parameter) with { Type = TypeOf(keys.Text(parameter?["parameterType"], "parameterType")) };
        var isSecret = SecretNames.IsSecret(name.Value);
        return port with
        {
            Type = isSecret ? PortTypes.String : port.Type,
            Secret = isSecret,
            Default = isSecret ? null : parameter?["defaultValue"] switch
            {
                null or YamlScalar { IsNothing: true } => null,
                // Every number of a compiled pipeline is written as a double.
                YamlScalar scalar when port.Type == PortTypes.Integer && scalar.Text.EndsWith(".0", StringComparison.Ordinal) => scalar.Text[..^2],
                YamlScalar scalar => scalar.Text,
                var other => other.ToJson()!.ToJsonString(Readable),
            },
            Optional = port.Optional || parameter?["defaultValue"] is not null,
        };
    }

    private Port Named(YamlScalar name, YamlMapping? port)
    {
        if (name.Value.Length is 0 or > 128 || name.Value.Any(char.IsControl))
            findings.Add(Finding.Error("port-name-invalid", name.Position, "An input or output has no usable name.", "Send the file as the compiler wrote it."));
        return new Port
        {
            Name = name.Value,
            Type = PortTypes.String,
            Description = keys.Text(port?["description"], "description"),
            Optional = port?["isOptional"] is YamlScalar { Text: "True" },
            Position = name.Position,
        };
    }

    private static string TypeOf(string? parameterType) => parameterType switch
    {
        "NUMBER_INTEGER" => PortTypes.Integer,
        "NUMBER_DOUBLE" => PortTypes.Float,
        "BOOLEAN" => PortTypes.Boolean,
        "LIST" => PortTypes.JsonArray,
        "STRUCT" => PortTypes.JsonObject,
        "TASK_FINAL_STATUS" => PortTypes.FinalStatus,
        _ => PortTypes.String,
    };

    private static Finding Invalid(SourcePosition at, string message, string fix) => Finding.Error("pipeline-invalid", at, message, fix);
}
