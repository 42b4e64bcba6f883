using Claimed.Components;
using Claimed.Registry.Http;

namespace Claimed.Registry.Publish;

/// <summary>The ways in which an upload is refused before its sources are read.</summary>
internal static class UploadRefusal
{
    public static RefusedException Malformed(string detail) => new(new Refusal(400, "malformed-upload", "The upload is not well formed.", Shown(detail)));

    public static RefusedException NotMultipart(string? contentType) => new(new Refusal(415, "not-multipart",
        "A publish is a multipart/form-data request.",
        $"The Content-Type is \"{Printable(contentType ?? "")}\". Send files as parts named source, or one archive as part bundle: curl -F source=@step.py …"));

    public static RefusedException TooLarge(string detail) => new(new Refusal(413, "upload-too-large", "The upload is too large.", detail));

    public static RefusedException Unprocessable(string type, string title, string detail) => new(new Refusal(422, type, title, Shown(detail)));

    public static RefusedException BadArchive(string detail) => Unprocessable("bad-archive", "The bundle cannot be unpacked.", detail);

    public static RefusedException BadPath(string path, string why) => Unprocessable("bad-path", "A file has a path that cannot be stored.",
        $"\"{Printable(path)}\" {why} Rename the file, with / between folders, below the upload's root.");

    public static RefusedException Findings(IReadOnlyList<Finding> findings) => new(new Refusal(422, "invalid-component",
        "The component cannot be published as it is.",
        $"{findings.Count(finding => finding.Severity == Severity.Error)} error(s) were found; each names its place and a fix.")
    { Findings = findings });

    // Libraries repeat in their messages what was sent.
    private static string Shown(string detail) => string.Concat(WholeText.Of(detail).Select(letter => char.IsControl(letter) ? '?' : letter));

    /// <summary>What a sender called something, short and without characters that nobody sees.</summary>
    public static string Printable(string text) => ShownText.Of(text, 120);
}
