using System.Globalization;
using System.Text;
using Claimed.Components.Renditions;

namespace Claimed.Components.Wheels;

/// <summary>
/// The operators of a namespace as a wheel that Airflow installs as a provider, and as the archive that Elyra's catalog of Airflow packages reads.
/// Both are made from ready versions alone and are the same for the same versions.
/// </summary>
public static class ProviderWheel
{
    public const string RequiresPython = ">=3.8";

    private const string Head = "from __future__ import annotations\n\nfrom typing import Any, Dict, Optional\n\n";

    private static readonly (string Kind, string Word, string BaseClass, string Provider, string Title)[] Kinds =
    [
        ("kubernetes", "", "KubernetesComponent", "apache-airflow-providers-cncf-kubernetes>=7.0", "Kubernetes"),
        ("docker", "Docker", "DockerComponent", "apache-airflow-providers-docker>=3.7", "Docker"),
    ];

    /// <summary>What pip and the index call the wheel.</summary>
    /// <param name="serial">Of the last event that changed what is in it.</param>
    public static WheelInfo Info(string space, long serial) => new($"claimed-{space}", string.Create(CultureInfo.InvariantCulture, $"1.{serial}"))
    {
        Summary = $"Airflow operators for the components of {space}",
        RequiresPython = RequiresPython,
    };

    /// <param name="versions">Ready versions of components, in any order.</param>
    public static byte[] Write(string space, long serial, IEnumerable<OperatorVersion> versions)
    {
        var classes = Classes(versions);
        var package = Package(space);
        List<ArchiveFile> files =
        [
            ArchiveFile.Text($"{package}/__init__.py", $"\"\"\"Airflow operators for the components of {space}.\"\"\"\n\n__version__ = \"1.{serial.ToString(CultureInfo.InvariantCulture)}\"\n"),
            ArchiveFile.Text($"{package}/component_task.py", Whole("component_task.py", space)),
            ArchiveFile.Text($"{package}/components/__init__.py", ""),
            ArchiveFile.Text($"{package}/operators/__init__.py", ""),
            ArchiveFile.Text($"{package}/get_provider_info.py", ProviderInfo(space, serial, classes)),
            .. classes.Select(operators => ArchiveFile.Text($"{package}/components/{operators.Module}.py", Tables(operators))),
        ];
        foreach (var (kind, word, baseClass, _, _) in Kinds)
        {
            files.Add(ArchiveFile.Text($"{package}/{kind}.py", Whole($"{kind}_task.py", space)));
            files.Add(ArchiveFile.Text($"{package}/operators/{kind}/__init__.py", Table(package, kind, word, classes)));
            files.AddRange(classes.Select(operators => ArchiveFile.Text($"{package}/operators/{kind}/{operators.Module}.py", Module(package, kind, word, baseClass, operators))));
        }
        return Wheel.Write(Info(space, serial) with
        {
            Description = Description(space, classes),
            Extras = [.. Kinds.Select(kind => kind.Kind)],
            Requires = [.. Kinds.Select(kind => $"{kind.Provider}; extra == '{kind.Kind}'")],
            EntryPoints = [("apache_airflow_provider", [$"provider_info = {package}.get_provider_info:get_provider_info"])],
        }, files);
    }

    /// <summary>The same operators with no other base than <c>BaseOperator</c>; each needs the wheel where it runs.</summary>
    public static byte[] WritePackage(string space, IEnumerable<OperatorVersion> versions)
    {
        var package = Package(space);
        return Archive.Write([.. Classes(versions).Select(operators =>
        {
            var python = new StringBuilder().Append(ModuleDocstring(operators, "for Elyra's catalog of Airflow packages")).Append(Head).Append("from airflow.models import BaseOperator\n\n\n");
            OperatorText.WriteDelegate(python, operators, $"{package}.operators.kubernetes.{operators.Module}");
            return ArchiveFile.Text($"airflow/operators/{package}_{operators.Module}.py", python.ToString());
        })]);
    }

    /// <summary>A module of the wheel as Elyra reads it without the wheel, and how Python imports it where the wheel is installed: the operator for pods.</summary>
    /// <param name="versions">Ready versions of one major of a component, in any order; at least one.</param>
    public static (string Name, string Text) OperatorModule(string space, IEnumerable<OperatorVersion> versions)
    {
        var (kind, word, baseClass, _, _) = Kinds[0];
        var operators = Classes(versions).Single();
        return ($"{Package(space)}.operators.{kind}.{operators.Module}", Module(Package(space), kind, word, baseClass, operators));
    }

    /// <summary>How Python imports it: <c>claimed_demo</c>.</summary>
    public static string Package(string space) => "claimed_" + space.Replace('-', '_');

    /// <summary>The line of a DAG that imports the operator of a version's major, the one for pods.</summary>
    public static string ImportOf(RenditionSource source) =>
        $"from {Package(source.Namespace)}.operators.kubernetes import {OperatorClass.NameOf(source.Name, source.Version.Split('.')[0])}";

    private static List<OperatorClass> Classes(IEnumerable<OperatorVersion> versions) =>
    [
        .. versions.Select(version => (Version: version, Number: SemanticVersion.TryParse(version.Source.Version, out var number) ? number : throw new ArgumentException($"{version.Source.Version} is no version.", nameof(versions))))
            .GroupBy(one => (one.Version.Source.Name, one.Number.Major))
            .OrderBy(group => group.Key.Name, StringComparer.Ordinal).ThenBy(group => group.Key.Major)
            .Select(group => new OperatorClass([.. group.OrderByDescending(one => one.Number, Semver.SemVersion.PrecedenceComparer).Select(one => one.Version)], group.Key.Major.ToString(CultureInfo.InvariantCulture))),
    ];

    private static string Whole(string resource, string space)
    {
        var (head, body) = OperatorText.Resource(resource);
        return head.Replace("{package}", Package(space), StringComparison.Ordinal).Replace("{project}", $"claimed-{space}", StringComparison.Ordinal) + "\n\n" + body;
    }

    private static string Tables(OperatorClass operators)
    {
        var python = new StringBuilder($"\"\"\"What the versions of {operators.Component} run.\"\"\"\n\nfrom __future__ import annotations\n\nfrom typing import Any, Dict\n\n\n");
        OperatorTables.Write(python, operators);
        return python.ToString();
    }

    private static string Module(string package, string kind, string word, string baseClass, OperatorClass operators)
    {
        // The base first: it says what to install where Airflow or its provider is missing. Elyra takes absolute imports alone.
        var python = new StringBuilder().Append(ModuleDocstring(operators, $"by Airflow's provider for {(kind == "docker" ? "Docker" : "Kubernetes")}")).Append(Head)
            .Append($"from {package}.{kind} import {baseClass}\nfrom {package}.components.{operators.Module} import VERSIONS\nfrom airflow.models import BaseOperator\n\n\n");
        OperatorText.WriteClass(python, operators, operators.Name(word), baseClass);
        return python.ToString();
    }

    private static string ModuleDocstring(OperatorClass operators, string how) => $"\"\"\"Runs the component {operators.Component} {operators.Major}.x {how}.\"\"\"\n\n";

    /// <summary>A module is loaded when its class is asked for, so that an import costs one class whatever the wheel has.</summary>
    private static string Table(string package, string kind, string word, List<OperatorClass> classes)
    {
        var python = new StringBuilder("\"\"\"The operators by their names.\"\"\"\n\nimport importlib\n\nMODULES = {\n");
        foreach (var operators in classes)
            python.Append($"    \"{operators.Name(word)}\": \"{package}.operators.{kind}.{operators.Module}\",\n");
        return python.Append("}\n\n\ndef __getattr__(name):\n    if name in MODULES:\n        return getattr(importlib.import_module(MODULES[name]), name)\n")
            .Append("    raise AttributeError(f\"{__name__} has no operator {name!r}; it has {', '.join(MODULES)}.\")\n\n\ndef __dir__():\n    return sorted(MODULES)\n").ToString();
    }

    /// <summary>Airflow calls it to know the provider; Elyra runs it to find the modules, without the package being installed.</summary>
    private static string ProviderInfo(string space, long serial, List<OperatorClass> classes)
    {
        var python = new StringBuilder("\"\"\"What Airflow and Elyra are told of this package.\"\"\"\n\n\ndef get_provider_info():\n    return {\n")
            .Append($"        \"package-name\": \"claimed-{space}\",\n        \"name\": \"Components of {space}\",\n        \"description\": \"Operators for the components of {space}.\",\n")
            .Append($"        \"versions\": [\"1.{serial.ToString(CultureInfo.InvariantCulture)}\"],\n        \"operators\": [\n");
        foreach (var (kind, _, _, _, title) in Kinds)
        {
            python.Append("            {\n                \"integration-name\": \"").Append(title).Append("\",\n                \"python-modules\": [\n");
            foreach (var operators in classes)
                python.Append($"                    \"{Package(space)}.operators.{kind}.{operators.Module}\",\n");
            python.Append("                ],\n            },\n");
        }
        return python.Append("        ],\n    }\n").ToString();
    }

    private static string Description(string space, List<OperatorClass> classes)
    {
        var text = new StringBuilder($"# Components of {space}\n\nOne operator per component and major version, for pods (`claimed-{space}[kubernetes]`) and for Docker (`claimed-{space}[docker]`):\n\n");
        foreach (var operators in classes)
            text.Append($"* `{operators.Name()}`, `{operators.Name("Docker")}`: {operators.Component} {string.Join(", ", operators.Versions.Select(version => version.Source.Version))}\n");
        return text.ToString();
    }
}
