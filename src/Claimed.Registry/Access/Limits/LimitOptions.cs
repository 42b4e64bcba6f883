namespace Claimed.Registry.Access.Limits;

/// <summary>Settings <c>Limits__…</c>: requests per minute; 0 means no limit.</summary>
public sealed record LimitOptions
{
    /// <summary>Writes of one token or person, counted over all nodes.</summary>
    public int Writes { get; init; } = 3000;

    /// <summary>Writes of one address without a token, such as validations.</summary>
    public int AnonymousWrites { get; init; } = 300;

    /// <summary>Requests of one address with a token that is not valid; more are refused before anything else is done for them.</summary>
    public int UnknownTokens { get; init; } = 60;

    /// <summary>Attempts to sign in, of one address and for one name.</summary>
    public int SignIns { get; init; } = 10;

    /// <summary>Reads of one token or address at one node. None by default: fifty people behind one address load three hundred components each.</summary>
    public int Reads { get; init; }
}
