using Claimed.Components.Sources.Python;

namespace Claimed.Components.Sources;

/// <summary>Chooses the file that is the source: the others are additional files.</summary>
internal static class MainFile
{
    private static readonly string[] ComponentNames = ["component.yaml", "component.yml"];
    private static readonly string[] Scripts = [".py", ".r", ".sh"];

    /// <summary>The main file, or null and an error that says what to do.</summary>
    public static SourceFile? Choose(Upload upload)
    {
        if (upload.Files.Count == 0)
        {
            upload.Findings.Add(Finding.Error("upload-empty", default, "The upload contains no files.",
                "Send a notebook, a script or a component.yaml as the part `source`."));
            return null;
        }

        var components = upload.Files.Where(file => ComponentNames.Contains(file.FileName)).ToList();
        // One that lies deeper may be data of the source that `main` names.
        if (components.Find(file => !file.Path.Contains('/')) is { } leading && upload.Options.Main is { } other && WithoutDot(other) != leading.Path)
        {
            upload.Findings.Add(Finding.Warning("main-ignored", new SourcePosition(leading.Path), $"The field `main` is not used: {leading.FileName} says what the component is.",
                "Leave out the field, or the file."));
            return leading;
        }

        if (upload.Options.Main is { } wanted)
            return Wanted(wanted, upload);
        if (components.Count > 0)
            return Single(AtTop(components), upload);
        var notebooks = upload.Files.Where(file => file.Extension == ".ipynb" && !file.Path.Contains(".ipynb_checkpoints/", StringComparison.Ordinal)).ToList();
        if (notebooks.Count > 0)
            return Single(notebooks, upload);
        var scripts = upload.Files.Where(file => Scripts.Contains(file.Extension)).ToList();
        if (scripts.Count > 0)
            return Script(scripts, upload);
        var others = upload.Files.Where(file => file.Extension is ".yaml" or ".yml").ToList();
        if (others.Count > 0)
            return Single(AtTop(others), upload);
        upload.Findings.Add(Finding.Error("source-missing", default, "The upload contains no notebook, script or component.yaml.",
            "Send a .ipynb, .py, .R or .sh file, or a component.yaml."));
        return null;
    }

    private static SourceFile? Wanted(string wanted, Upload upload)
    {
        var path = WithoutDot(wanted);
        var named = upload.Find(path) is { } exact ? [exact] : upload.Files.Where(file => file.FileName == path).ToList();
        if (named.Count == 1)
            return named[0];
        upload.Findings.Add(Finding.Error("main-missing", default,
            named.Count == 0 ? "The file that the field `main` names is not in the upload." : "The field `main` names more than one file.",
            $"Set `main` to the path of one of: {Names(upload.Files)}."));
        return null;
    }

    private static string WithoutDot(string path) => path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;

    private static List<SourceFile> AtTop(List<SourceFile> files)
    {
        var depth = files.Min(Depth);
        return files.Where(file => Depth(file) == depth).ToList();

        static int Depth(SourceFile file) => file.Path.Count(c => c == '/');
    }

    /// <summary>A script that another one imports is its library.</summary>
    private static SourceFile? Script(List<SourceFile> scripts, Upload upload)
    {
        if (scripts.Count == 1)
            return scripts[0];
        var imported = new HashSet<string>(StringComparer.Ordinal);
        foreach (var script in scripts)
        {
            var uses = Uses(script);
            uses.Remove(Module(script));
            imported.UnionWith(uses);
        }

        var candidates = scripts.Where(script => !imported.Contains(Module(script)) && !IsAside(script.FileName)).ToList();
        return Single(candidates.Count > 0 ? AtTop(candidates) : scripts, upload);
    }

    private static string Module(SourceFile script) => Path.GetFileNameWithoutExtension(script.FileName);

    public static bool IsAside(string fileName) =>
        fileName is "__init__.py" or "setup.py" or "conftest.py"
        || fileName.StartsWith("test_", StringComparison.Ordinal) || fileName.EndsWith("_test.py", StringComparison.Ordinal);

    private static HashSet<string> Uses(SourceFile script)
    {
        // Only a look at the imports: whether the text is sound is for the reader of the main file to say.
        if (SourceEncoding.Text(script, markBreaks: false, []) is not { } text)
            return [];
        var tokens = PythonTokenizer.Read(new CodeText(script.Path, text), PythonDialect.Script);
        if (script.Extension == ".py")
        {
            var names = new PythonNames();
            names.Learn(tokens);
            return names.Imported;
        }

        // `source("helpers.R")`, `. ./helpers.sh`
        return text.Split([' ', '\t', '\n', '\r', '"', '\'', '(', ')', ';'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => Scripts.Contains(Path.GetExtension(word).ToLowerInvariant()))
            .Select(Path.GetFileNameWithoutExtension)
            .OfType<string>()
            .ToHashSet(StringComparer.Ordinal);
    }

    private static SourceFile? Single(List<SourceFile> candidates, Upload upload)
    {
        if (candidates.Count == 1)
            return candidates[0];
        upload.Findings.Add(Finding.Error("main-ambiguous", default, $"More than one file could be the source: {Names(candidates)}.",
            "Name the source in the field `main`."));
        return null;
    }

    private static string Names(IReadOnlyList<SourceFile> files) =>
        string.Join(", ", files.Take(8).Select(file => file.Path)) + (files.Count > 8 ? ", …" : "");
}
