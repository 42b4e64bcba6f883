using System.Text;

namespace Claimed.Components.Sources.Requirements;

/// <summary>A <c>requirements.txt</c> in the upload.</summary>
internal static class RequirementsFile
{
    public const string Name = "requirements.txt";

    /// <summary>More than any image can want; each costs a finding or a word of a command.</summary>
    private const int MaxPackages = 1000;

    /// <summary>The one beside the source, or at the top of the upload.</summary>
    public static SourceFile? Find(SourceFile main, Upload upload) => upload.Beside(main, Name) ?? upload.Find(Name);

    public static List<Requirement> Read(SourceFile file, SourceFile main, Upload upload)
    {
        var packages = new List<string>();
        var options = new List<string>();
        Read(file, new SourcePosition(file.Path, 1, 1), main, upload, packages, options);
        return packages.Count == 0 ? [] : [new Requirement(PackageManager.Pip, packages, options, new SourcePosition(file.Path, 1, 1))];
    }

    private static void Read(SourceFile file, SourcePosition at, SourceFile main, Upload upload, List<string> packages, List<string> options)
    {
        if (!upload.BeginsRequirements(file, at) || SourceEncoding.Text(file, markBreaks: false, upload.Findings) is not { } text)
            return;
        var lineNumber = 0;
        var joined = new StringBuilder();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            lineNumber++;
            // Bounded, so that a file of continued lines costs no more than its length.
            if (line.EndsWith("\\") && joined.Length < 4096)
            {
                joined.Append(line[..^1]);
                continue;
            }

            var whole = joined.Append(line).ToString().Trim();
            joined.Clear();
            if (whole.Length > 0 && whole[0] != '#')
                ReadLine(WithoutComment(whole), new SourcePosition(file.Path, lineNumber, 1), file, main, upload, packages, options);
            if (packages.Count + options.Count > MaxPackages)
            {
                upload.Findings.Add(Finding.Error("requirements-too-many", new SourcePosition(file.Path, lineNumber, 1),
                    $"More than {MaxPackages} requirements are listed.", "List those that the source itself needs; their own requirements are installed with them."));
                return;
            }
        }
    }

    private static void ReadLine(
        string line, SourcePosition at, SourceFile file, SourceFile main, Upload upload, List<string> packages, List<string> options)
    {
        if (line.StartsWith('-'))
        {
            var words = CommandWords.Split(line) ?? [line];
            if (PipOptions.LongName(words[0]) == "--requirement" && words.Count == 2 && upload.Beside(file, words[1]) is { } nested)
            {
                Read(nested, at, main, upload, packages, options);
                return;
            }

            var reader = new RequirementWords(PackageManager.Pip, at, main, upload);
            packages.AddRange(reader.Read(words).SelectMany(requirement => requirement.Packages));
            options.AddRange(reader.Options.Where(option => !options.Contains(option)));
            return;
        }

        var hash = line.IndexOf(" --hash", StringComparison.Ordinal);
        if (hash >= 0)
        {
            upload.Findings.Add(Finding.Warning("requirement-hash-ignored", at,
                "The hashes of this requirement are not checked when the image is built.",
                "Pin the version; the image's digest fixes what was installed."));
            line = line[..hash].Trim();
        }

        if (PackageGrammar.Accepts(PackageManager.Pip, line))
        {
            packages.Add(line);
            Pinning.Check([line], at, upload.Findings);
            return;
        }

        upload.Findings.Add(Finding.Error("requirement-refused", at, "This line is no package name with a version.",
            "Write one package a line, such as `pandas==2.2.1`."));
    }

    private static string WithoutComment(string line)
    {
        for (var i = 1; i < line.Length; i++)
        {
            if (line[i] == '#' && char.IsWhiteSpace(line[i - 1]))
                return line[..i].Trim();
        }

        return line;
    }
}
