using Claimed.Components.Sources.Kfp;
using Claimed.Components.Sources.Notebooks;
using Claimed.Components.Sources.Python;
using Claimed.Components.Sources.R;
using Claimed.Components.Sources.Shell;

namespace Claimed.Components.Sources;

/// <summary>Finds the source among uploaded files and reads it into a definition.</summary>
public static class SourceReader
{
    /// <summary>Never throws for any content: what is wrong comes back as findings, all together.</summary>
    public static SourceReading Read(IReadOnlyList<SourceFile> files, SourceOptions options)
    {
        var upload = new Upload(files, options);
        var definition = MainFile.Choose(upload) is { } main ? Read(main, upload) : null;
        return new SourceReading(definition, upload.SortedFindings());
    }

    /// <summary>Path of the file that would be the source without another word; null when that is not clear.</summary>
    public static string? MainOf(IReadOnlyList<SourceFile> files) => MainFile.Choose(new Upload(files, new SourceOptions()))?.Path;

    /// <summary>Whether a script of this name belongs to packing or testing and is no source beside others.</summary>
    public static bool IsAside(string fileName) => MainFile.IsAside(fileName);

    private static Definition? Read(SourceFile main, Upload upload)
    {
        var definition = main.Extension switch
        {
            ".py" => PythonReader.Read(main, upload),
            ".r" => RReader.Read(main, upload),
            ".sh" => ShellReader.Read(main, upload),
            ".ipynb" => NotebookReader.Read(main, upload),
            ".yaml" or ".yml" or ".json" => KfpComponentReader.Read(main, upload),
            _ => Unknown(main, upload),
        };
        CredentialScan.Check(main, upload);
        IconFile.Check(main, upload);
        if (upload.Options.ExistingImage is { } image && ImageReference.Parse(image) is { IsMoving: true } moving)
            upload.Findings.Add(moving.MovingWarning(new SourcePosition(main.Path)));
        return definition;
    }

    private static Definition? Unknown(SourceFile main, Upload upload)
    {
        upload.Findings.Add(Finding.Error("language-not-supported", new SourcePosition(main.Path),
            $"{main.FileName} is no kind of source that can be read.",
            "Send a notebook (.ipynb), a script (.py, .R, .sh) or a component.yaml."));
        return null;
    }
}
