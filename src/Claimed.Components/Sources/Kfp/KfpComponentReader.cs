using System.Text.RegularExpressions;
using Claimed.Components.Sources.Dockerfiles;

namespace Claimed.Components.Sources.Kfp;

/// <summary>Reads a Kubeflow Pipelines component.yaml (version 1), also in the dialect of the MLX catalog, in YAML or JSON; a compiled pipeline goes to its own reader.</summary>
internal sealed partial class KfpComponentReader
{
    private readonly SourceFile main;
    private readonly Upload upload;
    private readonly List<Finding> findings;
    private readonly KfpKeys keys;

    private KfpComponentReader(SourceFile main, Upload upload)
    {
        this.main = main;
        this.upload = upload;
        findings = upload.Findings;
        keys = new KfpKeys(findings);
    }

    public static Definition? Read(SourceFile main, Upload upload)
    {
        if (SourceEncoding.Text(main, markBreaks: false, upload.Findings) is not { } text
            || YamlTree.ReadAll(main.Path, text, upload.Findings) is not { } documents)
        {
            return null;
        }

        var root = documents[0].Root;
        if (KfpPipelineReader.IsPipeline(root))
            return KfpPipelineReader.Read(main, documents, upload);
        if (documents.Count > 1)
        {
            upload.Findings.Add(YamlTree.SecondDocument(documents[1].Start));
            return null;
        }

        var reader = new KfpComponentReader(main, upload);
        reader.CheckEscapes(text);
        if (root is YamlMapping mapping)
            return reader.IsComponent(mapping) ? reader.Component(mapping) : null;
        upload.Findings.Add(Finding.Error("yaml-shape", root.Position,
            "A component.yaml is a mapping with name, inputs, outputs and implementation.",
            "Send a Kubeflow Pipelines component."));
        return null;
    }

    private void CheckEscapes(string text)
    {
        var escape = Escape.Match(text);
        if (!escape.Success)
            return;
        var before = text.AsSpan(0, escape.Index);
        findings.Add(Finding.Suggestion("text-with-escapes", new SourcePosition(main.Path, before.Count('\n') + 1, escape.Index - before.LastIndexOf('\n')),
            "Elyra reads this file as a text of Python when it exports a pipeline, and this sequence means something there; the form for Elyra writes it so that it comes out right.",
            "Nothing needs to change.", "elyra"));
    }

    /// <summary>False, with an error, for the other kinds of YAML that people have at hand.</summary>
    private bool IsComponent(YamlMapping root)
    {
        if (root["implementation"] is not null)
            return true;
        var (code, what) = root["pipelineSpec"] is not null
            ? ("pipeline-not-component", "The file is a job of a pipeline (`pipelineSpec`), not a component.")
            : root["apiVersion"] is not null && root["kind"] is not null
                ? ("not-a-component", "The file is a Kubernetes resource, not a component.")
                : ("implementation-missing", "The component has no implementation.");
        findings.Add(Finding.Error(code, root.Position, what, "Write `implementation: {container: {image: …, command: […]}}`, as a Kubeflow Pipelines v1 component has it."));
        return false;
    }

    private Definition Component(YamlMapping root)
    {
        var metadata = new KfpMetadata(root, keys, findings);
        var command = new KfpCommandReader(keys, findings);
        var container = Container(root["implementation"]!, command);
        var ports = new KfpPortReader(keys, command, findings);
        var name = DisplayName(root);
        var description = keys.Text(root["description"], "description")?.Trim() ?? "";
        DescriptionText.CheckLength(description, root["description"]?.Position ?? root.Position, findings);
        var (inputs, outputs) = (ports.Inputs(root["inputs"]), ports.Outputs(root["outputs"]));
        PortNames.CheckCount(inputs.Count + outputs.Count, main, findings);
        return new Definition
        {
            Name = ComponentName.Slug(name),
            DisplayName = name,
            Description = description,
            Language = SourceLanguage.Container,
            MainFile = main.Path,
            Inputs = inputs,
            Outputs = outputs,
            Category = metadata.Facts.Category,
            Group = metadata.Facts.Group,
            Tags = metadata.Facts.Tags,
            Resources = metadata.Facts.Resources,
            License = metadata.Facts.License ?? LicenseFile.Find(main, upload),
            Annotations = metadata.Annotations,
            Container = container,
        };
    }

    private string DisplayName(YamlMapping root)
    {
        var name = keys.Text(root["name"], "name")?.Trim() ?? "";
        if (name.Length == 0)
        {
            findings.Add(Finding.Error("name-missing", root["name"]?.Position ?? root.Position, "The component has no name.",
                "Write `name: …` at the top."));
        }
        else if (!ComponentName.IsName(ComponentName.Slug(name)))
        {
            findings.Add(Finding.Warning("name-not-usable", root["name"]!.Position, "No component name can be made of this name.",
                "Publish under a name of your own, made of lower-case letters, digits and hyphens."));
        }

        return name;
    }

    private ContainerTemplate? Container(YamlNode node, KfpCommandReader command)
    {
        if (keys.Mapping(node, "implementation") is not { } implementation)
        {
            if (KfpKeys.IsNothing(node))
                findings.Add(Finding.Error("implementation-missing", node.Position, "The implementation is empty.",
                    "Write `container:` with image and command below it."));
            return null;
        }

        keys.Only(implementation, "implementation", "container", "graph");
        if (implementation["graph"] is { } graph)
        {
            findings.Add(Finding.Error("graph-unsupported", graph.Position, "A component of components (graph) runs on no current client.",
                "Publish the parts and connect them in a pipeline."));
            return null;
        }

        if (keys.Mapping(implementation["container"], "container") is not { } container)
        {
            findings.Add(Finding.Error("implementation-missing", implementation.Position, "The implementation has no container.",
                "Write `container:` with image and command below it."));
            return null;
        }

        keys.Only(container, "container", "image", "command", "args", "env", "fileOutputs");
        if (KfpKeys.IsNothing(container["command"]))
        {
            findings.Add(Finding.Warning("command-missing", container.Position,
                "The container has no command, which Elyra needs when it exports a pipeline.",
                "Write the entry point of the image as command.", "elyra"));
        }

        var (parts, args) = (command.Parts(container["command"], "command"), command.Parts(container["args"], "args"));
        return new ContainerTemplate(Image(container), new KfpFileOutputs(keys, command, findings).Served(container["fileOutputs"], parts), args, Env(container));
    }

    private string Image(YamlMapping container)
    {
        if (upload.Options.ExistingImage is { } existing)
            return existing;
        var image = keys.Text(container["image"], "image")?.Trim() ?? "";
        var at = container["image"]?.Position ?? container.Position;
        var dockerfile = upload.Beside(main, "Dockerfile");
        if (dockerfile is not null)
            DockerfileFindings.Check(dockerfile, findings);
        if (image.Length == 0 && dockerfile is null)
        {
            findings.Add(Finding.Error("image-missing", at, "The container has no image, and no Dockerfile stands beside the file.",
                "Name an image that exists, or send a Dockerfile."));
        }
        else if (image.Length > 0 && !LooseReference.IsMatch(image))
        {
            findings.Add(Finding.Error("image-invalid", at, "The image is no image reference.",
                "Write `host/name:tag` or `host/name@sha256:…`."));
        }
        else if (image.Length > 0 && dockerfile is not null)
        {
            findings.Add(Finding.Suggestion("image-replaced", at, "The Dockerfile beside this file is built, and its image takes the place of this one.",
                "Leave the Dockerfile out to use the image that is named here."));
        }
        else if (ImageReference.Parse(image) is { IsMoving: true } moving)
        {
            findings.Add(moving.MovingWarning(at));
        }

        return image;
    }

    private Dictionary<string, string> Env(YamlMapping container)
    {
        var env = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in keys.Mapping(container["env"], "env")?.Entries ?? [])
        {
            if (value is not YamlScalar scalar)
            {
                findings.Add(Finding.Error("env-not-text", value.Position, "The value of an environment variable must be a text.",
                    "Pass inputs through command or args; env takes constants only."));
                continue;
            }

            if (key.Value.Length == 0 || key.Value.Any(c => c == '=' || char.IsControl(c)))
            {
                findings.Add(Finding.Error("env-not-text", key.Position, "This cannot be the name of an environment variable.",
                    "Use letters, digits and underscores."));
                continue;
            }

            if (scalar.Kind != YamlKind.Text)
                findings.Add(Finding.Warning("env-not-quoted", value.Position, "The value of an environment variable is no text.",
                    "Put it in quotes.", "kfp"));
            env[key.Value] = scalar.IsNothing ? "" : scalar.Text;
        }

        return env;
    }

    /// <summary>What a text in triple quotes of Python does not keep as it is.</summary>
    [GeneratedRegex("""\\[\n\\'"abfnrtvxNuU0-7]|"{3}""", RegexOptions.CultureInvariant)]
    private static partial Regex Escape { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]*(:[0-9]+)?(/[A-Za-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,128})?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex LooseReference { get; }
}
