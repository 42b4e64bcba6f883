using System.Globalization;
using System.Text.Json.Serialization;
using Claimed.Registry.Evidence.Packages;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Evidence;

/// <summary>
/// The packages of an image as SPDX 2.3: a standard of ISO, and the one that image builders and cosign name by a type of its own in statements.
/// </summary>
public sealed record SpdxDocument
{
    private const string NoAssertion = "NOASSERTION";

    public string SpdxVersion { get; } = "SPDX-2.3";

    public string DataLicense { get; } = "CC0-1.0";

    [JsonPropertyName("SPDXID")]
    public string Id { get; } = "SPDXRef-DOCUMENT";

    public required string Name { get; init; }

    public required string DocumentNamespace { get; init; }

    /// <summary>What could not be read, in words, for people.</summary>
    public string? Comment { get; init; }

    public required SpdxCreation CreationInfo { get; init; }

    public required IReadOnlyList<SpdxPackage> Packages { get; init; }

    public required IReadOnlyList<SpdxRelationship> Relationships { get; init; }

    /// <summary>The same for programs, one each.</summary>
    public IReadOnlyList<SpdxAnnotation>? Annotations { get; init; }

    /// <param name="name">Of the component and version.</param>
    /// <param name="address">Unique to this document.</param>
    /// <param name="reference">Of the image, without tag and digest.</param>
    /// <param name="notes">What is to be said beside what the lists say of themselves.</param>
    public static SpdxDocument Of(string name, string address, string reference, string digest, IReadOnlyList<ListedImage> images, IReadOnlyList<string> notes, DateTimeOffset at, string tool)
    {
        var packages = new List<SpdxPackage> { Image("SPDXRef-Image", reference, digest, null) };
        var relations = new List<SpdxRelationship> { new("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Image") };
        var said = new List<string>(notes);
        foreach (var (number, image) in images.Index())
        {
            // An index is described as such, with its images below it.
            var owner = image.Digest == digest ? "SPDXRef-Image" : string.Create(CultureInfo.InvariantCulture, $"SPDXRef-Image-{number + 1}");
            if (image.Digest != digest)
            {
                packages.Add(Image(owner, reference, image.Digest, image.Platform));
                relations.Add(new SpdxRelationship("SPDXRef-Image", "CONTAINS", owner));
            }
            said.AddRange(image.Packages.Notes.Select(note => image.Platform is null ? note : $"{image.Platform}: {note}"));
            foreach (var package in image.Packages.Packages)
            {
                var id = string.Create(CultureInfo.InvariantCulture, $"SPDXRef-Package-{packages.Count}");
                packages.Add(Package(id, package, image.Packages.Distribution));
                relations.Add(new SpdxRelationship(owner, "CONTAINS", id));
            }
        }
        var date = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new SpdxDocument
        {
            Name = name,
            DocumentNamespace = address,
            Comment = said.Count == 0 ? null : string.Join(' ', said),
            CreationInfo = new SpdxCreation(date, [$"Tool: {tool}"]),
            Packages = packages,
            Relationships = relations,
            Annotations = said.Count == 0 ? null : [.. said.Select(note => new SpdxAnnotation(date, "OTHER", $"Tool: {tool}", note))],
        };
    }

    private static SpdxPackage Image(string id, string reference, string digest, string? platform) => new(reference, id, digest)
    {
        PrimaryPackagePurpose = "CONTAINER",
        Checksums = Digest.IsSha256(digest) ? [new SpdxChecksum("SHA256", digest[7..])] : null,
        ExternalRefs = [new SpdxReference("PACKAGE-MANAGER", "purl", ImagePurl(reference, digest, platform))],
    };

    private static SpdxPackage Package(string id, InstalledPackage package, (string?, string?) distribution) => new(package.Name, id, package.Version)
    {
        // What packages say is mostly no expression of SPDX.
        LicenseComments = package.License is null ? null : $"The package says: {package.License}",
        ExternalRefs = [new SpdxReference("PACKAGE-MANAGER", "purl", package.Purl(distribution))],
    };

    private static string ImagePurl(string reference, string digest, string? platform)
    {
        var parts = platform?.Split('/') ?? [];
        return $"pkg:oci/{reference[(reference.LastIndexOf('/') + 1)..]}@{Uri.EscapeDataString(digest)}?repository_url={Uri.EscapeDataString(reference)}{(parts.Length > 1 ? $"&arch={parts[1]}" : "")}";
    }

    /// <summary>An image or a package; licences and where it came from are not asserted.</summary>
    public sealed record SpdxPackage(string Name, [property: JsonPropertyName("SPDXID")] string Id, string VersionInfo)
    {
        public string? PrimaryPackagePurpose { get; init; }

        public string DownloadLocation { get; } = NoAssertion;

        public bool FilesAnalyzed { get; }

        public string LicenseConcluded { get; } = NoAssertion;

        public string LicenseDeclared { get; } = NoAssertion;

        public string? LicenseComments { get; init; }

        public string CopyrightText { get; } = NoAssertion;

        public IReadOnlyList<SpdxChecksum>? Checksums { get; init; }

        public required IReadOnlyList<SpdxReference> ExternalRefs { get; init; }
    }
}

/// <summary>When and with what a document was made.</summary>
public sealed record SpdxCreation(string Created, IReadOnlyList<string> Creators);

/// <summary>A hash of a package.</summary>
public sealed record SpdxChecksum(string Algorithm, string ChecksumValue);

/// <summary>What others call a package.</summary>
public sealed record SpdxReference(string ReferenceCategory, string ReferenceType, string ReferenceLocator);

/// <summary>How two elements stand to each other.</summary>
public sealed record SpdxRelationship(string SpdxElementId, string RelationshipType, string RelatedSpdxElement);

/// <summary>A remark.</summary>
public sealed record SpdxAnnotation(string AnnotationDate, string AnnotationType, string Annotator, string Comment);
