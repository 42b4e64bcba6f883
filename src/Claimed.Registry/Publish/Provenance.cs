using Claimed.Registry.Access.Trust;
using Claimed.Registry.Http;

namespace Claimed.Registry.Publish;

/// <summary>Where a version comes from: what the publisher states, held against what the issuer of the CI job says.</summary>
internal static class Provenance
{
    // A shorter beginning of a commit's name can be that of another one.
    private const int LeastRevision = 7;

    /// <summary>The fields with what the issuer says in place of what is absent, or of another way to write it.</summary>
    /// <param name="job">Null when the publisher came with a token that someone keeps: then all is as stated.</param>
    /// <exception cref="RefusedException">The issuer says something else.</exception>
    public static PublishFields Settle(PublishFields fields, TrustedJob? job)
    {
        if (job is null)
            return fields;
        if (fields.Repository is { } repository && job.Repository is { } known && Normal(repository) != Normal(known))
            throw Contradicted("repository", repository, known, job);
        if (fields.Revision is { } revision && job.Revision is { } commit && !IsSame(revision, commit))
            throw Contradicted("revision", revision, commit, job);
        return fields with { Repository = job.Repository ?? fields.Repository, Revision = job.Revision ?? fields.Revision };
    }

    /// <summary>Host and path: <c>https://GitHub.com/acme/x.git/</c>, <c>git@github.com:acme/x</c> and <c>github.com/acme/x</c> are one.</summary>
    internal static string Normal(string repository)
    {
        var text = repository.Trim();
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
            text = text[(scheme + 3)..];
        var path = text.IndexOf('/');
        if (text.IndexOf('@') is >= 0 and var user && (path < 0 || user < path))
            text = text[(user + 1)..];
        if (scheme < 0 && text.IndexOf(':') is > 0 and var colon && !text[..colon].Contains('/'))
            text = $"{text[..colon]}/{text[(colon + 1)..]}";
        text = text.TrimEnd('/');
        text = text.EndsWith(".git", StringComparison.Ordinal) ? text[..^4].TrimEnd('/') : text;
        var host = text.IndexOf('/') is >= 0 and var end ? end : text.Length;
        return text[..host].ToLowerInvariant() + text[host..];
    }

    private static bool IsSame(string stated, string known) => string.Equals(stated, known, StringComparison.OrdinalIgnoreCase)
        || (stated.Length >= LeastRevision && stated.All(char.IsAsciiHexDigit) && known.All(char.IsAsciiHexDigit) && known.StartsWith(stated, StringComparison.OrdinalIgnoreCase));

    private static RefusedException Contradicted(string field, string stated, string known, TrustedJob job) => UploadRefusal.Unprocessable("provenance-contradicted",
        "The publisher states something else than the issuer of its job.",
        $"The field \"{field}\" is \"{UploadRefusal.Printable(stated)}\", but {job.Issuer} says \"{known}\". Leave the field out, and what the issuer says is taken.");
}
