using System.Text.RegularExpressions;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Registry.Http;
using Claimed.Registry.Storage.Snapshot;

namespace Claimed.Registry.Pages;

/// <summary>Lines to copy.</summary>
/// <param name="Client">Title, for example <c>Docker</c>.</param>
/// <param name="Explanation">One sentence before the lines.</param>
/// <param name="Text">The lines, LF between them.</param>
public sealed partial record UsageLines(string Client, string Explanation, string Text)
{
    /// <summary>How each client uses a ready version.</summary>
    public static IReadOnlyList<UsageLines> Of(ComponentEntry component, VersionEntry version, RegistryUrls urls)
    {
        var pinned = urls.Version(component.Namespace, component.Name, version.Number.ToString());
        var lines = new List<UsageLines>();
        if (version.Image is { } image)
            lines.Add(Docker(version.Definition, image));
        if (version.Renditions.ContainsKey(RenditionForm.Component))
            lines.Add(new("Kubeflow Pipelines", "Load this version in a pipeline written in Python.",
                $"from kfp import components\n\ncomponent = components.load_component_from_url(\n    \"{pinned}/{RenditionForm.Component}\")"));
        if (version.Renditions.ContainsKey(RenditionForm.Elyra))
            lines.Add(Elyra(component.Namespace, urls));
        if (version.Renditions.ContainsKey(RenditionForm.Operator))
            lines.Add(Airflow(component, pinned));
        return lines;
    }

    private static UsageLines Docker(Definition definition, string image)
    {
        if (definition.Container is not null)
            return new("Docker", "The image; component.yaml says which command it runs.", $"docker pull {ShellWord(image)}");
        var words = new List<string> { "docker run --rm" };
        words.AddRange(definition.Inputs.Where(input => input.Secret && IsVariable(input.Name)).Select(input => $"-e {input.Name}"));
        var files = definition.Outputs.Count > 0 || definition.Inputs.Any(input => input.Passing == PortPassing.File);
        if (files)
            words.Add("--user \"$(id -u):0\" -v \"$PWD:/data\"");
        words.Add(ShellWord(image));
        words.AddRange(definition.Inputs.Where(input => input is { Optional: false, Default: null, Secret: false })
            .Select(input => ShellWord(input.Passing == PortPassing.File ? DataFile(input) : $"{input.Name}=<{input.Type}>")));
        words.AddRange(definition.Outputs.Select(output => ShellWord(DataFile(output))));
        return new("Docker", files ? "Run it; it reads and writes files in the current folder." : "Run it with its inputs as arguments.", string.Join(" \\\n  ", words));
    }

    private static UsageLines Elyra(string space, RegistryUrls urls) => new("Elyra", $"Put all components of {space} into the palette, then reload it.",
        $"curl -fsS --create-dirs -o \"$(jupyter --data-dir)/metadata/component-catalogs/{space}.json\" \\\n"
        + $"  '{urls.Base}/catalogs/elyra/{space}/catalog.json?runtime=kfp'");

    private static UsageLines Airflow(ComponentEntry component, string pinned)
    {
        var module = $"{component.Namespace}_{component.Name}".Replace('-', '_');
        if (char.IsAsciiDigit(module[0]))
            module = "component_" + module;
        return new("Airflow", $"Put its operator into the plugins folder; a DAG then says: from {module} import {ClientRenditions.OperatorClass(component.Name)}",
            $"curl -fsS --create-dirs -o \"$AIRFLOW_HOME/plugins/{module}.py\" \\\n  '{pinned}/{RenditionForm.Operator}'");
    }

    private static bool IsVariable(string text) => Variable.IsMatch(text);

    private static string DataFile(Port port) =>
        $"{port.Name}=/data/{string.Concat(port.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'))}";

    /// <summary>One word for a POSIX shell, whatever is in it.</summary>
    public static string ShellWord(string text) => Plain.IsMatch(text) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"\A[A-Za-z0-9._/:@=+-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain { get; }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Variable { get; }
}
