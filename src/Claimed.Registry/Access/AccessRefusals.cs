using Claimed.Registry.Http;

namespace Claimed.Registry.Access;

/// <summary>What those are told who may not.</summary>
public static class AccessRefusals
{
    public static readonly Refusal SignIn = new(401, "unauthorized", "A token is needed.",
        "Send \"Authorization: Bearer TOKEN\", or Basic with any user name and the token as password. The first token is in the file admin-token of the data folder.");

    public static readonly Refusal Unknown = new(401, "unauthorized", "The token is not valid.",
        "The token that was sent is not known, has expired or was revoked, or the Authorization header is neither Bearer nor Basic. Make a new token, or send none where reading is public.");

    public static Refusal NotAllowed(Caller caller, Deed deed, string? subject) => new(403, "forbidden", "This token may not do that.",
        deed == Deed.Administer
            ? "That is for administrators of the registry, with a token that has the scope admin for everything."
            : $"{caller.Name} may not {deed.ToString().ToLowerInvariant()} in {subject}. It takes the role {RoleWords.Of(deed.LeastRole())} in the namespace and a token with the scope "
              + $"{ScopeWords.Of(deed.NeededScope())[0]} for {subject}; an owner of the namespace gives both.");
}
