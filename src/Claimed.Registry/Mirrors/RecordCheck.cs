using System.Text.Json;
using Claimed.Components;
using Claimed.Components.Renditions;
using Claimed.Database.Catalog;
using Claimed.Registry.Http;
using Claimed.Registry.Storage;
using Semver;

namespace Claimed.Registry.Mirrors;

/// <summary>Holds what the origin says to what this registry could have stored itself. Whatever is refused here would break a page or a form later.</summary>
internal static class RecordCheck
{
    private const int MostText = 2000;
    private const int MostDescription = 65_536;
    private const int MostTags = 100;
    private const int MostVersions = 100_000;
    private const int MostRenditions = 200;
    private const int MostRevisions = 100_000;
    private const int MostPorts = 256;
    private const int MostImage = 600;
    private const long MostForm = 64 << 20;

    // An upload may have no larger ones.
    private static readonly Dictionary<string, long> MostOfForm = new(StringComparer.Ordinal) { [RenditionForm.Readme] = Builds.ReadyVersions.MaxReadme, [RenditionForm.Icon] = Claimed.Components.Sources.IconFile.MaxBytes };

    /// <exception cref="RefusedCopyException">It is not the record that was asked for, or cannot be stored.</exception>
    public static void Component(ComponentRecord record, string space, string name)
    {
        if (record.Namespace != space || record.Name != name)
            throw new RefusedCopyException("the origin answered with the record of another component");
        if (record.Visibility is not ("public" or "private") || record.Kind is not (ComponentKind.Component or ComponentKind.Pipeline))
            throw new RefusedCopyException($"it is \"{Shown(record.Visibility)}\" and a \"{Shown(record.Kind)}\", which this registry does not know");
        Text("displayName", record.DisplayName);
        Text("description", record.Description, MostDescription);
        Text("category", record.Category);
        Text("group", record.Group);
        if (record.Tags.Count > MostTags || record.Versions.Count > MostVersions)
            throw new RefusedCopyException("it has too many tags or versions");
        foreach (var tag in record.Tags)
            Text("tags", tag ?? throw new RefusedCopyException("one of its tags is null"));
        foreach (var version in record.Versions)
            Facts(version ?? throw new RefusedCopyException("one of its versions is null"));
        if (record.Versions.DistinctBy(version => version.Version, StringComparer.Ordinal).Count() != record.Versions.Count)
            throw new RefusedCopyException("the origin has one of its versions twice");
        foreach (var channel in record.Channels.Where(channel => !ChannelName.IsValid(channel.Key)))
            throw new RefusedCopyException($"it has a channel \"{Shown(channel.Key)}\", which cannot be one");
        // Nulls in dictionaries are nothing that reading a document looks at.
        foreach (var channel in record.Channels)
            Number(channel.Value ?? throw new RefusedCopyException($"its channel \"{Shown(channel.Key)}\" means null"));
    }

    private static void Facts(VersionFacts facts)
    {
        var number = Number(facts.Version);
        if (!Digest.IsSha256(facts.BundleDigest) || (facts.ImageDigest is { } digest && !Digest.IsKnown(digest)))
            throw new RefusedCopyException($"{number} has a digest that is none");
        Text("reason", facts.Reason);
        Text("yankReason", facts.YankReason);
        Text("successor", facts.Successor);
        Text("image", facts.Image, MostImage);
        if (facts.ExpiresAt is not null && !number.IsPrerelease)
            throw new RefusedCopyException($"{number} expires, and is no pre-release");
        if (facts.Renditions.Count > MostRenditions || facts.Renditions.Any(one => one is null || one.Form is null || !Digest.IsSha256(one.Digest ?? "") || one.Revision is < 1 or > MostRevisions || one.Size < 0 || one.Size > MostOfForm.GetValueOrDefault(one.Form, MostForm))
            || facts.Renditions.DistinctBy(one => (one.Form, one.Revision)).Count() != facts.Renditions.Count)
            throw new RefusedCopyException($"the forms of {number} are not what forms can be");
    }

    /// <exception cref="RefusedCopyException">The record is not of this version, or its definition is not what its digest says or cannot be used.</exception>
    public static Definition Version(VersionRecord record, string space, string name, string number)
    {
        if (record.Namespace != space || record.Name != name || record.Facts.Version != number || record.Facts.State != VersionState.Ready)
            throw new RefusedCopyException("the origin answered with the record of another version");
        Facts(record.Facts);
        foreach (var (field, text) in new[] { ("publishedBy", record.PublishedBy), ("repository", record.Repository), ("revision", record.Revision), ("path", record.Path), ("message", record.Message) })
            Text(field, text);
        if (!Digest.IsSha256(record.BundleBlob))
            throw new RefusedCopyException("its archive has a digest that is none");
        if (record.Options.Any(option => option.Key.Length > 100 || option.Value is null || option.Value.Length > MostText))
            throw new RefusedCopyException("its options are not what options can be");
        if (record.Findings.Any(finding => finding?.Code is null || finding.Message is null || finding.Fix is null || finding.Position.File is null))
            throw new RefusedCopyException("its findings are not what findings can be");
        if (Digest.Of(record.Definition) is var came && came != record.DefinitionDigest)
            throw new RefusedCopyException($"its definition has the digest {came}, and the origin says {Shown(record.DefinitionDigest)}");
        return Definition(record.Definition);
    }

    private static Definition Definition(string text)
    {
        try
        {
            using (var document = JsonDocument.Parse(text))
                DemandNoNulls(document.RootElement);
            var definition = DefinitionJson.Read(text);
            if (definition.Inputs.Count > MostPorts || definition.Outputs.Count > MostPorts || definition.Tags.Count > MostTags || definition.Description.Length > MostDescription)
                throw new RefusedCopyException("its definition has more of something than a definition may have");
            return definition;
        }
        catch (Exception odd) when (odd is JsonException or InvalidDataException or NullReferenceException or InvalidOperationException or NotSupportedException)
        {
            throw new RefusedCopyException($"its definition cannot be read: {Shown(odd.Message)}");
        }
    }

    /// <summary>Renders all forms once, and throws them away: what a definition would break is then refused, and not met by a reader.</summary>
    public static void Renders(RenditionSource source, IReadOnlyList<Finding> findings, ReadOnlyMemory<byte>? upload)
    {
        if (source.Definition.Language == SourceLanguage.Pipeline)
            return;
        try
        {
            foreach (var form in (string[])[RenditionForm.Component, RenditionForm.Elyra, RenditionForm.Operator])
                Builds.ReadyVersions.Render(form, source, upload);
            foreach (var form in RenditionForm.OnRequest.Where(form => form != RenditionForm.Usage))
                ClientRenditions.Render(form, source);
            UsageText.Of(source, source.VersionUrl);
            ClientVerdicts.Of(source.Definition, findings);
        }
        // Whatever a renderer trips over.
        catch (Exception odd) when (odd is not OutOfMemoryException)
        {
            throw new RefusedCopyException($"its definition cannot be rendered: {Shown(odd.Message)}");
        }
    }

    /// <summary>A version in its one way of writing.</summary>
    public static SemVersion Number(string text) => SemanticVersion.TryParse(text, out var number) && number.ToString() == text
        ? number : throw new RefusedCopyException($"it has a version \"{Shown(text)}\", which cannot be one");

    /// <summary>What the origin wrote, as a message repeats it.</summary>
    public static string Shown(string text) => ShownText.Of(text, 200);

    private static void Text(string field, string? text, int most = MostText)
    {
        if (text is not null && (text.Length > most || text.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t'))))
            throw new RefusedCopyException($"its {field} is longer than {most} characters, or has control characters");
    }

    private static void DemandNoNulls(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Null)
            throw new JsonException("It has a null, which no registry writes.");
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
                DemandNoNulls(item);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
                DemandNoNulls(property.Value);
        }
    }
}
