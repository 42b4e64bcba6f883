using Microsoft.Extensions.Options;

namespace Claimed.Registry.Storage.S3;

/// <summary>Settings <c>Blobs__…</c>: where the bytes are.</summary>
public sealed record BlobOptions
{
    /// <summary><c>Files</c> (under <c>Registry__DataPath</c>) or <c>S3</c>.</summary>
    public string Store { get; init; } = "Files";

    /// <summary>Settings <c>Blobs__S3__…</c>.</summary>
    public S3Options S3 { get; init; } = new();

    public bool IsS3 => Store.Equals("S3", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Settings <c>Blobs__S3__…</c>: a bucket of Amazon, MinIO, Ceph, Swift or another server of the S3 protocol.</summary>
public sealed record S3Options
{
    /// <summary>Address of the server, such as <c>https://minio.example.org:9000</c>; empty: Amazon's own for the region.</summary>
    public string ServiceUrl { get; init; } = "";

    /// <summary>Address of the same server for clients, when they reach it by another one; used in presigned URLs alone.</summary>
    public string PublicUrl { get; init; } = "";

    public string Bucket { get; init; } = "";

    /// <summary>Begins every key, such as <c>registry/</c>; several registries may share a bucket under different ones.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Region that requests are signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Id of the key; empty: the default credentials of the machine (environment, profile, container, instance).</summary>
    public string AccessKey { get; init; } = "";

    /// <summary>File that holds the secret of <see cref="AccessKey"/> and nothing else.</summary>
    public string SecretKeyFile { get; init; } = "";

    /// <summary>Whether the bucket is a part of the path (<c>https://host/bucket/key</c>) and not of the host name; most servers other than Amazon's need it.</summary>
    public bool ForcePathStyle { get; init; }

    /// <summary>Whether clients fetch blobs of images from the S3 server itself, by a signed URL that holds for a while.</summary>
    public bool PresignedRedirects { get; init; }

    /// <summary>How long a signed URL holds.</summary>
    public TimeSpan PresignedLifetime { get; init; } = TimeSpan.FromMinutes(20);
}

/// <summary>Says at start what is wrong with <see cref="BlobOptions"/>.</summary>
public sealed class BlobOptionsCheck : IValidateOptions<BlobOptions>
{
    public ValidateOptionsResult Validate(string? name, BlobOptions options)
    {
        if (!options.IsS3)
            return options.Store.Equals("Files", StringComparison.OrdinalIgnoreCase)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"Blobs__Store is \"{options.Store}\": write Files or S3.");
        var s3 = options.S3;
        if (s3.Bucket.Length is < 3 or > 63 || s3.Bucket.Contains('/'))
            return ValidateOptionsResult.Fail("Blobs__S3__Bucket is not the name of a bucket: with Blobs__Store=S3 give one that exists, 3 to 63 characters, without a slash.");
        if (s3.Prefix.StartsWith('/') || (s3.Prefix.Length > 0 && !s3.Prefix.EndsWith('/')) || s3.Prefix.Contains("//", StringComparison.Ordinal))
            return ValidateOptionsResult.Fail($"Blobs__S3__Prefix is \"{s3.Prefix}\": leave it empty, or write it without a leading and with a trailing slash, such as registry/.");
        foreach (var (setting, url) in new[] { ("ServiceUrl", s3.ServiceUrl), ("PublicUrl", s3.PublicUrl) })
        {
            if (url.Length > 0 && !(Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.PathAndQuery == "/"))
                return ValidateOptionsResult.Fail($"Blobs__S3__{setting} is \"{url}\": write scheme, host and port alone, such as https://minio.example.org:9000.");
        }
        if (s3.Region.Length == 0)
            return ValidateOptionsResult.Fail("Blobs__S3__Region is empty: servers other than Amazon's mostly take us-east-1.");
        if (s3.AccessKey.Length == 0 != (s3.SecretKeyFile.Length == 0))
            return ValidateOptionsResult.Fail("Give both Blobs__S3__AccessKey and Blobs__S3__SecretKeyFile, or neither, for the default credentials of the machine.");
        if (s3.SecretKeyFile.Length > 0 && !File.Exists(s3.SecretKeyFile))
            return ValidateOptionsResult.Fail($"Blobs__S3__SecretKeyFile is {s3.SecretKeyFile}: there is no such file.");
        if (s3.PresignedLifetime < TimeSpan.FromMinutes(1) || s3.PresignedLifetime > TimeSpan.FromDays(7))
            return ValidateOptionsResult.Fail("Blobs__S3__PresignedLifetime is below a minute or above 7 days: write it as hh:mm:ss.");
        return ValidateOptionsResult.Success;
    }
}
