using System.Text;
using Claimed.Registry.Images;
using Xunit;

namespace Claimed.Fuzz;

/// <summary>Manifests of images.</summary>
public sealed class ManifestFuzz
{
    private const string Digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly string[] Seeds =
    [
        $$$"""{"schemaVersion": 2, "mediaType": "{{{MediaTypes.OciManifest}}}", "config": {"mediaType": "a/b", "digest": "{{{Digest}}}", "size": 2}, "layers": [{"mediaType": "c/d", "digest": "{{{Digest}}}", "size": 5, "urls": ["https://h"]}], "annotations": {"k": "v"}, "subject": {"mediaType": "a/b", "digest": "{{{Digest}}}", "size": 1}, "artifactType": "x/y"}""",
        $$$"""{"schemaVersion": 2, "manifests": [{"mediaType": "a/b", "digest": "{{{Digest}}}", "size": 7, "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}}]}""",
    ];

    [Fact]
    public void Manifests() => Fuzzing.Run(
        new Target("Manifests", Seeds, "\"schemaVersion\": 2,", "\"layers\": [", "\"config\": {", "\"manifests\": [", "\"subject\": ", "\"annotations\": {", "\"\\ud800\": \"x\",", "\"x\": \"\\udfff\",", "\"\\u0000\": \"\\u0000\",",
            "\"a\": \"b\",", "\"digest\": \"" + Digest + "\"", "\"size\": 1e3", "\"mediaType\": \"" + MediaTypes.OciIndex + "\"", "\"platform\": {\"os\": 1}", "\"artifactType\": \"\\u0000\"", "null", "{", "}", "[", "]", ","), input =>
    {
        try
        {
            var manifest = ManifestReader.Read(input, "");
            StorableText.Check("media type", manifest.MediaType);
            StorableText.Check("artifact type", manifest.ArtifactType);
            foreach (var (key, value) in manifest.Annotations)
            {
                StorableText.Check("annotation", key);
                StorableText.Check("annotation", value);
            }

            return $"{manifest.MediaType} {Math.Min(manifest.Layers.Count, 4)} {Math.Min(manifest.Manifests.Count, 4)} {manifest.Subject is null} {manifest.Annotations.Count > 0} {manifest.NeededBlobs.Count()}";
        }
        catch (OciRefusedException refused)
        {
            Assert.Equal(400, refused.Error.Status);
            return refused.Message[..Math.Min(40, refused.Message.Length)];
        }
    });
}

/// <summary>Text that people see: descriptions as pages show them, and logs.</summary>
public sealed class ShownTextFuzz
{
    [Fact]
    public void Markdown() => Fuzzing.Run(
        new Target("Markdown", ["# Title\n\nText with *marks*, `code`, [a link](https://h/?a=1&b) and ![p](x.png).\n\n- a\n  - b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "> quote\n>> more\n\n```python\nx\n```\n\n[r]: https://h 'T'\n<mail@h.example> https://plain.example/x"],
            "[", "](", "![", "*", "**", "_", "`", "```\n", "> ", "- ", "1. ", "| a ", "|---", "<b onclick=x>", "<script>", "&#106;avascript:", "javascript:", "[x][r]", "[r]: ", "\\", "---\n", "~~~", "    ", "<!--", "&amp;", "www.", "https://", ")", "]"), input =>
    {
        var text = Encoding.UTF8.GetString(input);
        var html = Claimed.Registry.Pages.MarkdownText.ToHtml(text)?.Value;
        Assert.DoesNotContain("<script", html ?? "", StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html ?? "", StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("href=\"javascript", html ?? "", StringComparison.OrdinalIgnoreCase);
        Assert.InRange(Claimed.Registry.Pages.MarkdownText.Brief(text).Length, 0, 181);
        return html is null ? "text" : string.Concat(html.Split('<').Skip(1).Select(tag => tag.Split(' ', '>')[0]).Distinct());
    });

    [Fact]
    public void Hidden_characters() => Fuzzing.Run(
        new Target("Hidden characters", ["a\u202Eb&#x202E;c", "&#xFFFFFF;&#x0;&#x7f;", "plain"], "&#x", "&#X", ";", "202e", "FEFF", "\u200F", "&#", "0000"), input =>
    {
        var shown = Claimed.Registry.Pages.HiddenCharacters.Reveal(Encoding.UTF8.GetString(input));
        Assert.DoesNotContain(shown, c => c is '\u202E' or '\u200B' or '\uFEFF' or '\u2066' or '\u001B' or '\0');
        return $"{shown.Contains("[U+", StringComparison.Ordinal)} {shown.Contains("&#", StringComparison.Ordinal)}";
    });

    [Fact]
    public void Log_lines() => Fuzzing.Run(
        new Target("Log lines", ["\u001B[31mred\u001B[0m\r\nline\rover\n", "\u001B]0;title\u0007x\u001B]8;;https://h\u001B\\y", "é😀\0", $"\u001B]8;;{new string('h', 5000)}\u0007 https://a:{new string('p', 9000)}@h"], "\u001B", "\u001B[", "\u001B]", "\u0007", "\u001B\\", "0;31m", ";", "\u001B[?25l", "\u009B", "\r", "x"), input =>
    {
        // Halves of characters come from programs that write UTF-16.
        var text = Encoding.UTF8.GetString(input) + (input.Length % 3 == 0 ? "\ud83d" : "");
        var clean = Clean(text);
        StorableText.Check("log", clean);
        Assert.DoesNotContain(clean, c => char.IsControl(c) && c is not ('\n' or '\t'));
        // Wherever the engine's messages end, readers get the same.
        Assert.Equal(clean, Clean(text[..(text.Length / 2)], text[(text.Length / 2)..]));
        return $"{clean.Length == text.Length} {clean.Contains('\n')}";

        static string Clean(params string[] chunks)
        {
            var log = new Claimed.Registry.Builds.Logs.LogText(new Claimed.Registry.Builds.SecretTexts());
            return string.Concat(chunks.Select(log.Take)) + log.End();
        }
    });
}
