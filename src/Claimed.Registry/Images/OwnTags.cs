using Claimed.Registry.Access;
using Claimed.Registry.Storage;

namespace Claimed.Registry.Images;

/// <summary>
/// What <see cref="ImageRights"/> refuses by what this node has seen, asked again of the database with the repository held: a body may have
/// been slow to come, and meanwhile a version was published, a channel made or the namespace closed.
/// </summary>
internal static class OwnTags
{
    /// <param name="isPush">Whether manifests come, which a namespace may take from trusted jobs alone.</param>
    /// <exception cref="OciRefusedException">One of the tags is the registry's own by now, or the caller may not push any more, says the answer.</exception>
    public static void Ask(Questions questions, Caller caller, string repository, IReadOnlyCollection<string> tags, bool isPush)
    {
        if (caller.Ticket is { } ticket)
        {
            AskBuild(questions, ticket);
            return;
        }
        var (space, name) = (RepositoryNames.SpaceOf(repository), RepositoryNames.NameOf(repository));
        var text = questions.Text;
        var named = tags.Count == 0 ? "1 = 0" : $"h.\"Name\" IN ({string.Join(", ", tags.Select(tag => text.Value(tag)))})";
        questions.Ask($"""
            SELECT n."OnlyTrusted", c."Id" IS NOT NULL, h."Name" FROM namespaces n
            LEFT JOIN components c ON c."NamespaceId" = n."Id" AND c."Name" = {text.Value(name)}
            LEFT JOIN channels h ON h."ComponentId" = c."Id" AND {named}
            WHERE n."Name" = {text.Value(space)}
            """, row => new Found(row.GetBoolean(0), row.GetBoolean(1), row.IsDBNull(2) ? null : row.GetString(2)),
            rows => Judge(rows, caller, repository, tags, isPush));
    }

    /// <summary>A ticket is for one tag that no one else sets, and for no longer than its builder has the build: what comes later is of one that was thought dead.</summary>
    private static void AskBuild(Questions questions, PushTicket ticket)
    {
        if (ImageRights.BuildOf(ticket.Tag) is not var (build, fence))
            return;
        var text = questions.Text;
        questions.Ask($"""
            SELECT b."State" = 'building' AND b."Fence" = {text.Value(fence)} FROM builds b JOIN versions v ON v."Id" = b."VersionId" JOIN components c ON c."Id" = v."ComponentId"
            JOIN namespaces n ON n."Id" = c."NamespaceId"
            WHERE b."Id" = {text.Value(build)} AND n."Name" = {text.Value(RepositoryNames.SpaceOf(ticket.Repository))} AND c."Name" = {text.Value(RepositoryNames.NameOf(ticket.Repository))}
            """, row => row.GetBoolean(0), rows =>
        {
            if (rows is [false])
                throw new OciRefusedException(OciError.Denied(403, $"Build {build} has ended, or another builder has it: the image of {ticket.Tag} is not needed any more."));
        });
    }

    private static void Judge(List<Found> rows, Caller caller, string repository, IReadOnlyCollection<string> tags, bool isPush)
    {
        if (rows.Count == 0)
            return;
        if (isPush && caller.TrustRuleId is null && rows[0].OnlyTrusted)
            throw new OciRefusedException(ImageRights.OnlyTrusted(RepositoryNames.SpaceOf(repository)));
        if (!rows[0].IsComponent)
            return;
        foreach (var tag in tags)
        {
            if (tag.StartsWith(ImageRights.BuildTags, StringComparison.Ordinal))
                throw new OciRefusedException(ImageRights.ForBuilds(tag));
            if (ImageRights.IsOwn(tag, name => rows.Any(row => row.Channel == name)))
                throw new OciRefusedException(ImageRights.RegistryAlone(repository, tag));
        }
    }

    /// <summary>The namespace, whether the repository is a component's, and a channel that has the name of one of the tags.</summary>
    private sealed record Found(bool OnlyTrusted, bool IsComponent, string? Channel);
}
