using Claimed.Components.Renditions;

namespace Claimed.Components.Sources.Imports;

/// <summary>What a source imports, held against what its image will have.</summary>
internal sealed class ImportList(SourceFile main, SourceLanguage language, Upload upload)
{
    /// <summary>More than any source has; each is looked for among all packages.</summary>
    private const int MaxImports = 1000;

    private readonly Dictionary<string, SourcePosition> imported = new(StringComparer.Ordinal);

    /// <summary>Modules that the source makes itself while it runs.</summary>
    private readonly HashSet<string> written = new(StringComparer.Ordinal);

    /// <summary>An import that the source cannot do without; the first one of a name counts.</summary>
    public void Add(string module, SourcePosition at)
    {
        if (imported.Count < MaxImports)
            imported.TryAdd(module, at);
    }

    public void Writes(string path) => written.Add(Path.GetFileNameWithoutExtension(path));

    /// <summary>A warning for each import that is found nowhere, and that no build tries because the source declares it.</summary>
    public void Check(IReadOnlyList<Requirement> requirements, IReadOnlyList<RequiredImport> declared)
    {
        if (imported.Count == 0)
            return;
        var isR = language == SourceLanguage.R;
        var installed = new InstalledPackages(requirements, isR);
        var own = isR ? [] : OwnModules();
        foreach (var (module, at) in imported)
        {
            if (declared.Any(import => import.Module == module || import.Module.StartsWith(module + ".", StringComparison.Ordinal)))
                continue;
            // What runs a notebook has these.
            if (own.Contains(module) || written.Contains(module) || installed.Provides(module) || (language == SourceLanguage.Notebook && module is "IPython" or "traitlets"))
                continue;
            upload.Findings.Add(Finding.Warning("import-not-found", at,
                $"{Shown(module)} is neither in the upload nor in the {(isR ? "R distribution" : "standard library")} nor among the requirements; it works only if the base image has it.",
                isR ? $"Install it: install.packages(\"{Shown(module)}\")." : $"Write the line `# pip install {Shown(PythonPackages.PackageOf(module))}`, add it to requirements.txt, or send the file."));
        }
    }

    private HashSet<string> OwnModules()
    {
        var modules = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in upload.Files.Where(file => file.Path != main.Path && file.Extension is ".py" or ".so" or ".pyx"))
        {
            foreach (var segment in file.Path.Split('/'))
                modules.Add(segment.Split('.')[0]);
        }

        return modules;
    }

    private static string Shown(string name) => name.Length <= 100 ? name : name[..100];
}

/// <summary>The modules and packages that come with requirements, or without any.</summary>
internal sealed class InstalledPackages
{
    private readonly bool isR;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    public InstalledPackages(IReadOnlyList<Requirement> requirements, bool isR)
    {
        this.isR = isR;
        foreach (var package in requirements.SelectMany(requirement => requirement.Packages))
        {
            var name = NameOf(package);
            names.Add(name);
            // Debian names its packages of other languages so.
            foreach (var prefix in (ReadOnlySpan<string>)["python3-", "r-cran-"])
            {
                if (name.StartsWith(prefix, StringComparison.Ordinal))
                    names.Add(name[prefix.Length..]);
            }
        }
    }

    public bool Provides(string module) => isR
        ? RPackages.IsBuiltIn(module) || names.Contains(RequirementName.Normalize(module)) || RPackages.BringersOf(module).Any(names.Contains)
        : PythonModules.IsBuiltIn(module) || ProvidesPython(module);

    private bool ProvidesPython(string module)
    {
        var name = RequirementName.Normalize(module);
        if (names.Contains(name) || PythonPackages.ProvidersOf(module).Any(names.Contains))
            return true;
        // google.cloud.storage comes with google-cloud-storage; foo may come with foo-cpu, python-foo or pyfoo.
        return names.Any(package => package.StartsWith(name + "-", StringComparison.Ordinal)
            || package == "python-" + name || package == "py" + name || package == name + "-python");
    }

    private static string NameOf(string package)
    {
        if (!package.Contains("://", StringComparison.Ordinal) || package.Contains("#egg=", StringComparison.Ordinal) || package.Contains(" @ ", StringComparison.Ordinal))
            return RequirementName.Of(package);
        // git+https://host/team/name.git@ref, https://host/name-1.0-py3-none-any.whl
        var address = package.Split('#')[0];
        var file = address[(address.LastIndexOf('/') + 1)..];
        return RequirementName.Normalize(file.Split(file.EndsWith(".whl", StringComparison.Ordinal) ? ['-'] : ['.', '@'])[0]);
    }
}
