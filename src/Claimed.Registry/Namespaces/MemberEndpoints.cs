using Claimed.Database.Access;
using Claimed.Registry.Access;
using Claimed.Registry.Http;
using Claimed.Registry.Http.Documents;
using Claimed.Registry.Storage;
using Microsoft.EntityFrameworkCore;

namespace Claimed.Registry.Namespaces;

/// <summary><c>/api/v1/namespaces/{namespace}/members</c>: who may do what there.</summary>
public static class MemberEndpoints
{
    private const string Example = """{"kind": "user", "name": "ada", "role": "publisher"}""";

    public static void MapMembers(this IEndpointRouteBuilder routes)
    {
        var members = routes.MapGroup("/api/v1/namespaces/{namespace}").WithTags("Namespaces");
        members.MapMethods("members", Reading.Methods, ListAsync).Needs(Deed.Manage).WithName("listMembers").WithSummary("List the members of a namespace")
            .Returns<Page<MemberDocument>>(200, "All of them.", $$"""{"items": [{{Example}}]}""")
            .Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found");
        members.MapPut("members/{kind}/{member}", PutAsync).Needs(Deed.Manage).WithName("setMember").WithSummary("Give a person or a group a role")
            .WithDescription("`kind` is `user` or `group` (a group of the identity provider). `role` is `reader` (sees a private namespace and pulls), `publisher` "
                + "(publishes, yanks and pushes) or `owner` (decides on members, visibility and trust).")
            .WithMetadata(new JsonRequest(typeof(RoleDocument), """{"role": "publisher"}"""))
            .Returns<MemberDocument>(200, "The member.", Example)
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(409, "last-owner")
            .Refuses(415, "not-json").Refuses(422, "bad-field", "user-not-found");
        members.MapDelete("members/{kind}/{member}", DeleteAsync).Needs(Deed.Manage).WithName("removeMember").WithSummary("Take a person's or a group's role away")
            .Returns(204, "It is no member.").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found", "member-not-found").Refuses(409, "last-owner");
        members.MapPost("transfer", TransferAsync).Needs(Deed.Manage).WithName("transferNamespace").WithSummary("Hand a namespace to another owner")
            .WithDescription("The person becomes its only owner; those who were become publishers. The name stays: URLs are for ever.")
            .WithMetadata(new JsonRequest(typeof(TransferDocument), """{"to": "grace"}"""))
            .Returns<MemberDocument>(200, "The owner.", """{"kind": "user", "name": "grace", "role": "owner"}""")
            .Refuses(400, "malformed-json").Refuses(401, "unauthorized").Refuses(403, "forbidden").Refuses(404, "namespace-not-found").Refuses(415, "not-json").Refuses(422, "bad-field", "user-not-found");
    }

    private static async Task<IResult> ListAsync(string @namespace, RegistryDatabase database, CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(db => db.Members.Where(member => member.Namespace!.Name == @namespace)
            .OrderBy(member => member.Kind).ThenBy(member => member.Name).ToListAsync(cancellation), cancellation);
        return Results.Json(new Page<MemberDocument>(rows.ConvertAll(MemberDocument.From), null));
    }

    private static async Task<IResult> PutAsync(string @namespace, string kind, string member, HttpContext context, RegistryDatabase database, Rights rights)
    {
        Check(kind, member);
        var word = (await JsonBody.ReadAsync(context.Request, "role")).Text("role");
        if (RoleWords.Read(word) is not (not MemberRole.None and var role))
            throw JsonBody.Bad("role", $"can be {string.Join(", ", RoleWords.Known)}.");
        await database.ChangeAsync(async change =>
        {
            if (kind == MemberKind.User)
                await DemandUserAsync(change, member);
            var isNew = await NamespaceMembers.SetAsync(change, @namespace, kind, member, role);
            if (role != MemberRole.Owner)
                await KeepAnOwnerAsync(change, @namespace, kind, member, Caller.Of(context), rights);
            if (isNew)
                change.Tell("namespace.member-set", @namespace, new { kind, name = member, role = word });
        }, context.RequestAborted);
        return Results.Json(new MemberDocument(kind, member, word!));
    }

    private static async Task<IResult> DeleteAsync(string @namespace, string kind, string member, HttpContext context, RegistryDatabase database, Rights rights)
    {
        Check(kind, member);
        await database.ChangeAsync(async change =>
        {
            var space = await change.LockNamespaceAsync(@namespace);
            await KeepAnOwnerAsync(change, @namespace, kind, member, Caller.Of(context), rights);
            if (await change.Db.Members.Where(row => row.NamespaceId == space.Id && row.Kind == kind && row.Name == member).ExecuteDeleteAsync(change.Cancellation) == 0)
                throw new RefusedException(new Refusal(404, "member-not-found", "There is no such member.", $"The {kind} {member} has no role in {@namespace}."));
            change.Tell("namespace.member-removed", @namespace, new { kind, name = member });
        }, context.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> TransferAsync(string @namespace, HttpContext context, RegistryDatabase database)
    {
        var to = (await JsonBody.ReadAsync(context.Request, "to")).Text("to") ?? throw JsonBody.Bad("to", "is missing: name the user.");
        await database.ChangeAsync(async change =>
        {
            await DemandUserAsync(change, to);
            var space = await change.LockNamespaceAsync(@namespace);
            await change.Db.Members.Where(row => row.NamespaceId == space.Id && row.Role == "owner")
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Role, "publisher"), change.Cancellation);
            await NamespaceMembers.SetAsync(change, @namespace, MemberKind.User, to, MemberRole.Owner);
            change.Tell("namespace.transferred", @namespace, new { to });
        }, context.RequestAborted);
        return Results.Json(new MemberDocument(MemberKind.User, to, "owner"));
    }

    private static void Check(string kind, string member)
    {
        if (kind is not (MemberKind.User or MemberKind.Group))
            throw JsonBody.Bad("kind", "can be user or group.");
        if (member.Length is 0 or > 200 || member.Any(char.IsControl))
            throw JsonBody.Bad("member", "is a name of 1 to 200 characters.");
    }

    private static async Task DemandUserAsync(Change change, string name)
    {
        if (!await change.Db.Users.AnyAsync(user => user.Name == name && user.DisabledAt == null, change.Cancellation))
            throw new RefusedException(new Refusal(422, "user-not-found", "There is no such user.",
                $"Nobody called \"{name}\" can sign in. A person of the identity provider is known from the first sign-in on; groups need not be."));
    }

    /// <summary>Only an administrator leaves a namespace without an owner, by mistake or not.</summary>
    private static async Task KeepAnOwnerAsync(Change change, string space, string kind, string member, Caller caller, Rights rights)
    {
        if (rights.IsAdministrator(caller))
            return;
        if (!await change.Db.Members.AnyAsync(row => row.Namespace!.Name == space && row.Role == "owner" && !(row.Kind == kind && row.Name == member)
            && (row.Kind != MemberKind.User || change.Db.Users.Any(user => user.Name == row.Name && user.DisabledAt == null)), change.Cancellation))
            throw new RefusedException(new Refusal(409, "last-owner", "That is the last owner.", $"{space} would have no owner: make someone else one first, or transfer the namespace."));
    }
}

/// <summary>Who has which role.</summary>
/// <param name="Kind"><c>user</c> or <c>group</c>.</param>
/// <param name="Role"><c>reader</c>, <c>publisher</c> or <c>owner</c>.</param>
public sealed record MemberDocument(string Kind, string Name, string Role)
{
    public static MemberDocument From(Member row) => new(row.Kind, row.Name, row.Role);
}

/// <summary>The role to give.</summary>
public sealed record RoleDocument(string Role);

/// <summary>Whom to hand the namespace to.</summary>
public sealed record TransferDocument(string To);
