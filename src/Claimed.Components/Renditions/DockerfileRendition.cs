using System.Text;
using System.Text.Json;
using Claimed.Components.Sources.Imports;

namespace Claimed.Components.Renditions;

/// <summary>What a site decides about generated Dockerfiles.</summary>
/// <param name="BaseImage">Image that provides <c>python</c>, <c>ipython</c>, <c>Rscript</c> or <c>sh</c> and a uid of 1000 or more.</param>
/// <param name="Replacements">Requirement name → <c>provided</c> (the base image has it) or the specifier to install instead.</param>
/// <param name="Labels">OCI labels.</param>
public sealed record DockerfileOptions(
    string BaseImage, IReadOnlyDictionary<string, string> Replacements, IReadOnlyDictionary<string, string> Labels);

/// <summary>A package that an instruction installs, or a module that it imports, and the line of a source that asks for it.</summary>
/// <param name="Instruction">The whole instruction, as it stands in the text.</param>
public sealed record InstalledPackage(string Instruction, string Package, SourcePosition Position)
{
    /// <summary>Whether the instruction installs nothing and only imports the module.</summary>
    public bool IsImport { get; init; }
}

/// <summary>A Dockerfile and what was decided on the way.</summary>
/// <param name="Dependencies">The beginning of the text up to the last installed package, a Dockerfile that needs no files; null when nothing is installed.</param>
/// <param name="Findings">A suggestion for each requirement that the site replaced.</param>
public sealed record GeneratedDockerfile(string Text, string? Dependencies, IReadOnlyList<Finding> Findings)
{
    /// <summary>Everything that is installed or imported, in the order of the text.</summary>
    public required IReadOnlyList<InstalledPackage> Installed { get; init; }
}

/// <summary>
/// A Dockerfile for sources that do not bring one. The build context holds <c>claimed/</c> (the runner's files) and <c>source/</c> (the uploaded
/// files); the text keeps to what Docker's classic builder knows. Package mirrors come as the build arguments <c>PIP_INDEX_URL</c>,
/// <c>PIP_EXTRA_INDEX_URL</c>, <c>PIP_FIND_LINKS</c>, <c>PIP_TRUSTED_HOST</c> and <c>CRAN_MIRROR</c>.
/// </summary>
public static class DockerfileRendition
{
    /// <summary>The text, and a suggestion for each requirement that the site replaced.</summary>
    /// <exception cref="ArgumentException">The base image is no image reference, or the definition brings its own container.</exception>
    public static GeneratedDockerfile Write(Definition definition, DockerfileOptions options)
    {
        if (definition.Language == SourceLanguage.Container)
            throw new ArgumentException($"'{definition.Name}' is a component.yaml; its image comes from there or from the Dockerfile beside it.", nameof(definition));
        var findings = new List<Finding>();
        var requirements = Replace(definition.Requirements, options.Replacements, findings);

        var text = new StringBuilder();
        var installed = new List<InstalledPackage>();
        Line(text, DockerfileText.From(options.BaseImage));
        Line(text, "USER 0");
        foreach (var (manager, flags, packages) in Groups(requirements))
        {
            var instructions = Install(manager, flags, [.. packages.Select(package => package.Name)]).ToList();
            instructions.ForEach(instruction => Line(text, instruction));
            installed.AddRange(packages.Select(package => new InstalledPackage(instructions[^1], package.Name, package.Position)));
        }
        var dependencies = requirements.Any(requirement => requirement.Packages.Count > 0) ? text.ToString() : null;
        Line(text, "COPY claimed/ /opt/claimed/");
        Line(text, "WORKDIR /home/claimed");
        Line(text, "COPY --chown=1000:0 source/ /home/claimed/");
        // Any user id with group 0 may run the image, as OpenShift does it.
        Line(text, DockerfileText.Run("sh", "-c",
            "chmod -R a+rX /opt/claimed && chmod 0755 /opt/claimed/run && chown 1000:0 /home/claimed && chmod -R a+rX,g=u /home/claimed"));
        foreach (var (key, value) in options.Labels.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Line(text, DockerfileText.Label(key, value));
        Line(text, "ENV HOME=/home/claimed PYTHONUNBUFFERED=1");
        Line(text, "USER 1000:0");
        if (definition.Imports is { Count: > 0 } imports)
        {
            var instruction = Import(definition.Language, [.. imports.Select(import => import.Module)]);
            Line(text, instruction);
            installed.AddRange(imports.Select(import => new InstalledPackage(instruction, import.Module, import.Position) { IsImport = true }));
        }
        Line(text, "ENTRYPOINT [\"/opt/claimed/run\"]");
        return new(text.ToString(), dependencies, findings) { Installed = installed };
    }

    private static void Line(StringBuilder text, string instruction) => text.Append(instruction).Append('\n');

    private static List<Requirement> Replace(
        IReadOnlyList<Requirement> requirements, IReadOnlyDictionary<string, string> replacements, List<Finding> findings)
    {
        var byName = replacements.ToDictionary(pair => RequirementName.Normalize(pair.Key), pair => pair.Value, StringComparer.Ordinal);
        return [.. requirements.Select(requirement => requirement with { Packages = [.. requirement.Packages.SelectMany(package => One(requirement, package))] })];

        IEnumerable<string> One(Requirement requirement, string package)
        {
            if (!byName.TryGetValue(RequirementName.Of(package), out var replacement))
                return [package];
            if (replacement == "provided")
            {
                findings.Add(Finding.Suggestion("requirement-provided", requirement.Position,
                    $"'{package}' is not installed: this registry's base image provides it.", "Nothing needs to change.", "docker"));
                return [];
            }
            findings.Add(Finding.Suggestion("requirement-replaced", requirement.Position,
                $"This registry installs '{replacement}' instead of '{package}'.", "Nothing needs to change.", "docker"));
            return [replacement];
        }
    }

    // System packages come first, since others compile against them; within a manager the source's order stays.
    private static IEnumerable<(PackageManager Manager, IReadOnlyList<string> Flags, IReadOnlyList<(string Name, SourcePosition Position)> Packages)> Groups(List<Requirement> requirements) =>
        requirements
            .GroupBy(requirement => (requirement.Manager, Flags: string.Join('\n', requirement.Options)))
            .OrderBy(group => group.Key.Manager switch { PackageManager.Apt => 0, PackageManager.Dnf => 1, PackageManager.Pip => 2, _ => 3 })
            .Select(group => (group.Key.Manager, group.First().Options, (IReadOnlyList<(string, SourcePosition)>)[.. group
                .SelectMany(requirement => requirement.Packages.Select(package => (Name: package, requirement.Position))).DistinctBy(package => package.Name, StringComparer.Ordinal)]))
            .Where(group => group.Item3.Count > 0);

    private static IEnumerable<string> Install(PackageManager manager, IReadOnlyList<string> flags, IReadOnlyList<string> packages) => manager switch
    {
        // Packages are arguments of the script, never a part of its text.
        PackageManager.Apt =>
        [
            DockerfileText.Run(["sh", "-c",
                "export DEBIAN_FRONTEND=noninteractive; apt-get update && apt-get install --yes --no-install-recommends \"$@\" && apt-get clean && rm -rf /var/lib/apt/lists/*",
                "apt", .. flags, "--", .. packages]),
        ],
        PackageManager.Dnf => [DockerfileText.Run(["sh", "-c", "dnf install --assumeyes \"$@\" && dnf clean all", "dnf", .. flags, .. packages])],
        PackageManager.Pip =>
        [
            "ARG PIP_INDEX_URL", "ARG PIP_EXTRA_INDEX_URL", "ARG PIP_FIND_LINKS", "ARG PIP_TRUSTED_HOST",
            DockerfileText.Run(["python", "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check", .. flags, "--", .. packages]),
        ],
        PackageManager.Cran => ["ARG CRAN_MIRROR=https://cloud.r-project.org", DockerfileText.Run("Rscript", "-e", CranScript(packages))],
        _ => throw new ArgumentException($"Nothing is known of the package manager {manager}.", nameof(manager)),
    };

    // As the user of the image, for whom modules must be readable. What they write into their home at once would belong to this user
    // alone, and any other could not add to it: hence another home, and no compiled files beside the source.
    private static string Import(SourceLanguage language, IReadOnlyList<string> modules)
    {
        if (modules.FirstOrDefault(module => !DeclaredImports.IsModule(module)) is { } odd)
            throw new ArgumentException($"'{odd}' is no name of a module to import.", nameof(modules));
        return language switch
        {
            SourceLanguage.R => DockerfileText.Run("env", "HOME=/tmp", "Rscript", "-e", string.Join("; ", modules.Select(module => $"library({module})"))),
            SourceLanguage.Python or SourceLanguage.Notebook => DockerfileText.Run("env", "HOME=/tmp", "python", "-B", "-c", $"import {string.Join(", ", modules)}"),
            _ => throw new ArgumentException($"Nothing can be imported in {language} sources.", nameof(language)),
        };
    }

    // install.packages only warns when a package cannot be installed. JSON strings of ASCII are strings of R, too.
    private static string CranScript(IReadOnlyList<string> packages)
    {
        var names = string.Join(", ", packages.Select(package => JsonSerializer.Serialize(package)));
        return $"p <- c({names}); install.packages(p, repos = Sys.getenv(\"CRAN_MIRROR\")); "
            + "if (!all(p %in% rownames(installed.packages()))) quit(status = 1)";
    }
}
