using System.Text;
using Claimed.Components;
using Claimed.Registry.Access;
using Claimed.Registry.Builds.Logs;
using Claimed.Registry.Http;
using Claimed.Registry.Images;
using Claimed.Registry.Storage;
using Semver;
using Xunit;

namespace Claimed.Fuzz;

/// <summary>Names, versions, references, digests, ranges and headers: what is not in the grammar is refused, what is stays what it was.</summary>
public sealed class GrammarFuzz
{
    private const string Hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    [Fact]
    public void Names() => Fuzzing.Run(new Target("Names", ["filter-csv", "claimed-Filter_CSV.ipynb", "latest", "a1-b2-c3", "beta.1_x-y"], "-", "--", "_", ".", "/", "a", "claimed-", "versions", "api"), input =>
    {
        var text = Encoding.UTF8.GetString(input);
        var slug = ComponentName.Slug(text);
        Assert.True(slug.Length <= ComponentName.MaxNameLength);
        Assert.Equal(slug, ComponentName.Slug(slug));
        Assert.Equal(slug.Length > 0 && !Reserved(slug), ComponentName.IsName(slug));
        ComponentName.FromFileName(text);
        if (ComponentName.IsNamespace(text) || ComponentName.IsName(text) || ChannelName.IsValid(text))
            Assert.True(text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '_'), text);
        return $"{ComponentName.IsNamespace(text)} {ComponentName.IsName(text)} {ChannelName.IsValid(text)} {Math.Min(slug.Length, 3)}";

        static bool Reserved(string name) => name is "packages" or "validate" or "versions" or "tags" or "uploads" or "blobs" or "manifests" or "referrers";
    });

    [Fact]
    public void Versions_and_ranges() => Fuzzing.Run(
        new Target("Versions", ["1.2.3", "1.2", "1.2.3-rc.1", "^1.2", "~0", ">=1 <3 || 5.x", "1.0.0 - 2.0.0", "*", "=1.2.3", "1.2.3+build"],
            "^", "~", ">=", "<", "||", " - ", ".x", "*", "-rc.1", "+b", ".0", "0.", "1.", "9999999999", "999999999999999999999999.0.0", "-", "-0", "--", "-a.b.c"), input =>
    {
        var text = Encoding.UTF8.GetString(input);
        var isVersion = SemanticVersion.TryParse(text, out var version);
        if (isVersion)
        {
            Assert.True(SemanticVersion.TryParse(version!.ToString(), out var again));
            Assert.Equal(version, again);
            if (version.Minor < int.MaxValue)
                SemanticVersion.NextMinor(version);
        }

        var isRange = SemanticVersion.TryParseRange(text, out var range);
        return $"{isVersion} {isRange} {isRange && range!.Contains(new SemVersion(1, 2, 3))} {isRange && range!.Contains(SemVersion.Parse("2.0.0-rc.1"))}";
    });

    [Fact]
    public void Image_references() => Fuzzing.Run(
        new Target("Image references", ["host.example:5000/team/tool:1.2@sha256:" + Hex, "python:3.12", "localhost/a", "[::1]:5000/a:t", "a/b/c", $"acme/x@sha256:{Hex}", "sha512:" + Hex + Hex],
            ":", "@", "/", "sha256:" + Hex, "sha512:", "localhost", "127.0.0.1:1/", "[::1]", "__", "--", ".", "latest", "docker.io/", "..", "a:a"), input =>
    {
        var text = Encoding.UTF8.GetString(input);
        var reference = ImageReference.Parse(text);
        var isName = ImageName.TryParse(text, out var name);
        if (isName)
        {
            Assert.True(ImageName.TryParse(name!.ToString(), out var again), text);
            Assert.Equal(name, again);
            // What is made of it must be an address, whatever was asked for.
            Assert.True(Uri.TryCreate($"https://{name.Host}/v2/{name.Repository}/manifests/{name.Reference}", UriKind.Absolute, out var url));
            Assert.Equal($"/v2/{name.Repository}/manifests/{name.Reference}", url.AbsolutePath);
            Assert.Equal("", url.UserInfo);
        }

        if (Digest.IsKnown(text))
            Digest.Matches(text, input);
        return $"{reference?.Host is null} {reference?.Tag is null} {reference?.Digest is null} {reference is null} {isName} {Digest.IsKnown(text)} {ImageNames.IsTag(text)} {Sha256.TryParse(text, out _)}";
    });

    [Fact]
    public void Image_paths() => Fuzzing.Run(
        new Target("Image paths", ["/", $"/acme/x/blobs/sha256:{Hex}", "/acme/x/manifests/latest", "/acme/x/tags/list", "/acme/x/blobs/uploads/", "/acme/x/blobs/uploads/0123456789abcdef0123456789abcdef", $"/a/b/c/referrers/sha256:{Hex}"],
            "/", "//", "blobs", "uploads", "manifests", "tags/list", "referrers", "..", "%2F", ":", "sha256:"), input =>
    {
        var route = ImageRoute.Parse(Encoding.UTF8.GetString(input));
        return $"{route.Resource} {ImageNames.IsRepository(route.Repository)} {ImageNames.IsTag(route.Reference)}";
    });

    [Fact]
    public void Byte_ranges() => Fuzzing.Run(
        new Target("Byte ranges", ["bytes=0-99", "bytes=5-", "bytes=-7", "bytes=0-0,5-6", "0-99", "bytes 0-99/100", "bytes=9223372036854775807-"], "bytes=", "-", ",", "9223372036854775807", "*", "/", " ", "+", "0"), input =>
    {
        var text = Encoding.UTF8.GetString(input);
        foreach (var size in (long[])[0, 1, 100, long.MaxValue])
        {
            if (ByteRange.Of(text, size) is { Count: > 0 } range)
                Assert.True(range.First >= 0 && range.Last < size && range.Last >= range.First, $"{range} of {size}");
        }

        return $"{ByteRange.Of(text, 100)?.Count} {BuildLogReader.Position(text).Run > 0}";
    });

    [Fact]
    public void Last_event_ids() => Fuzzing.Run(new Target("Last-Event-ID", ["1:200", "0:0", "3:2147483647"], ":", "-", "2147483648", " ", "+1"), input =>
    {
        var (run, position) = BuildLogReader.Position(Encoding.UTF8.GetString(input));
        Assert.True(position >= 0);
        return $"{run != 0} {position != 0}";
    });

    [Fact]
    public void Credentials()
    {
        var signed = new SignedText(() => new byte[32], "clms_");
        var mine = signed.Write("1893456000 token 1");
        Fuzzing.Run(new Target("Credentials", ["Bearer " + mine, "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("u:" + mine)), "Bearer clmt_00", "Basic ???", "Digest a=b"],
            "Bearer ", "Basic ", "clms_", "clmp_", ".", ":", "=", ",", mine, "OjE=", "\""), input =>
        {
            var token = CredentialReading.TokenOf(Encoding.UTF8.GetString(input));
            var text = token is null ? null : signed.Read(token);
            Assert.True(text is null or "1893456000 token 1", text);
            return $"{token is null} {text is null} {token?.Contains('.')}";
        });
    }

    [Fact]
    public void Json_bodies() => Fuzzing.Run(
        new Target("JSON", ["""{"name": "a", "tags": ["x", "y"], "labels": {"k": "v"}, "count": 3, "inner": {"name": null}}""", """{"NAME": "\u00e9\ud83d\ude00", "tags": null}"""],
            "\"\\u0000\"", "\"\\ud800\"", "\"name\": ", "\"tags\": [", "\"labels\": {", "\"inner\": {", "{", "}", "[", "]", ",", "null", "1e999", "\"\\u0000\": \"x\""), input =>
    {
        try
        {
            var body = Json.Read<Body>(input);
            for (var at = body; at is not null; at = at.Inner)
            {
                foreach (var text in (string?[])[at.Name, .. at.Tags ?? [], .. at.Labels?.Keys ?? [], .. at.Labels?.Values ?? []])
                    StorableText.Check("JSON", text);
            }

            return $"{body.Name is null} {body.Tags?.Count} {body.Labels?.Count} {body.Inner is null}";
        }
        catch (System.Text.Json.JsonException problem)
        {
            return problem.Message[..Math.Min(20, problem.Message.Length)];
        }
        catch (InvalidDataException)
        {
            return "null";
        }
    });

    private sealed record Body(string? Name, IReadOnlyList<string?>? Tags, IReadOnlyDictionary<string, string?>? Labels, int? Count, Body? Inner);
}
