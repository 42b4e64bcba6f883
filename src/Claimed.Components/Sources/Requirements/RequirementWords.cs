namespace Claimed.Components.Sources.Requirements;

/// <summary>Reads what follows <c>install</c>: packages and options, each checked.</summary>
internal sealed class RequirementWords(PackageManager manager, SourcePosition at, SourceFile main, Upload upload, bool isConditional = false)
{
    private readonly List<string> packages = [];
    private readonly List<string> options = [];
    private readonly List<Requirement> included = [];

    /// <summary>The options that were allowed.</summary>
    public IReadOnlyList<string> Options => options;

    /// <summary>The requirements of the line: first the files that it names, then its own packages.</summary>
    public List<Requirement> Read(IReadOnlyList<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (words[i].StartsWith('-'))
                i += Option(words, i);
            else
                Package(words[i]);
        }

        if (packages.Count > 0)
            included.Add(new Requirement(manager, packages, options, at));
        if (manager == PackageManager.Pip)
            Pinning.Check(packages, at, upload.Findings);
        return included;
    }

    private void Package(string word)
    {
        if (manager == PackageManager.Pip && word is "." or "pip" or "setuptools" or "wheel")
        {
            if (word == ".")
                Refuse("the folder itself");
            return;
        }

        // `a, b` is what people mean by a list, though pip does not.
        if (word.EndsWith(',') && PackageGrammar.Accepts(manager, word[..^1]))
        {
            word = word[..^1];
            upload.Findings.Add(Finding.Warning("requirement-comma", at, "A comma stands behind a package; it is taken for a blank.", "Separate packages by blanks."));
        }

        if (PackageGrammar.Accepts(manager, word))
            packages.Add(word);
        else
            Refuse("a part that is no package name with a version");
    }

    /// <summary>How many words after the option belong to it.</summary>
    private int Option(IReadOnlyList<string> words, int index)
    {
        var word = words[index];
        if (manager != PackageManager.Pip)
        {
            if (word is "--no-install-recommends")
                options.Add(word);
            else if (word is not ("-y" or "--yes" or "--assume-yes" or "--assumeyes" or "-q" or "-qq" or "-qy" or "-yq" or "-yqq" or "--quiet" or "--nodocs" or "-f" or "--fix-missing"))
                Refuse("an option that is not allowed");
            return 0;
        }

        var equals = word.IndexOf('=');
        var name = PipOptions.LongName(equals < 0 ? word : word[..equals]);
        if (equals < 0 && PipOptions.IsKept(name))
        {
            if (!options.Contains(name))
                options.Add(name);
            return 0;
        }

        if (equals < 0 && PipOptions.HasNoEffect(name))
            return 0;
        var value = equals >= 0 ? word[(equals + 1)..] : index + 1 < words.Count ? words[index + 1] : "";
        if (PipOptions.TakesAddress(name) && PackageGrammar.IsIndexAddress(value))
            options.Add($"{name}={value}");
        else if (name == "--requirement")
            Include(value);
        else if (!PipOptions.TakesValueWithoutEffect(name))
            Refuse("an option that is not allowed");
        return equals >= 0 ? 0 : 1;
    }

    private void Include(string path)
    {
        var name = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        // The file of that name beside the source is read in any case.
        if (name == RequirementsFile.Name)
        {
            if (RequirementsFile.Find(main, upload) is not null)
                return;
        }
        else if (upload.Beside(main, name) is { } file)
        {
            included.AddRange(RequirementsFile.Read(file, main, upload));
            return;
        }

        upload.Findings.Add(new Finding("requirements-file-missing", isConditional ? Severity.Warning : Severity.Error, at,
            $"The line installs from a file that is not in the upload{(isConditional ? ", so the image is built without it" : "")}.",
            "Send the requirements file together with the source."));
    }

    /// <summary>The refused text itself is not repeated: it may hold a password.</summary>
    private void Refuse(string what) => upload.Findings.Add(Finding.Error("requirement-refused", at,
        $"The line installs with {manager.ToString().ToLowerInvariant()} and contains {what}.",
        manager == PackageManager.Pip
            ? "Write package names with versions only, such as `pip install pandas==2.2.1 requests`, one command a line."
            : "Write package names only, one command a line."));
}
