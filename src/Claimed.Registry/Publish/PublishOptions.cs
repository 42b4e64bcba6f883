namespace Claimed.Registry.Publish;

/// <summary>Settings <c>Publish__…</c>: what one upload may weigh.</summary>
public sealed record PublishOptions
{
    /// <summary>Bytes of a request.</summary>
    public long MaxUploadBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of all files after unpacking.</summary>
    public long MaxUnpackedBytes { get; init; } = 256L << 20;

    /// <summary>Bytes that all uploads under way may hold in memory together; one of the largest size needs twice its size while a file is read.</summary>
    public long MaxBufferedBytes { get; init; } = 512L << 20;

    /// <summary>Files in one upload.</summary>
    public int MaxFiles { get; init; } = 2000;

    /// <summary>Characters of a file's path.</summary>
    public int MaxPathLength { get; init; } = 240;

    /// <summary>Bytes of one form field.</summary>
    public int MaxFieldBytes { get; init; } = 16 * 1024;

    /// <summary>The longest <c>?wait=</c>, in seconds.</summary>
    public int MaxWaitSeconds { get; init; } = 600;

    /// <summary>Bytes of a file that is published by its address.</summary>
    public long MaxFetchedBytes { get; init; } = 32L << 20;

    /// <summary>The longest that fetching it may take, in seconds.</summary>
    public int FetchSeconds { get; init; } = 20;

    /// <summary>Whether such a file may lie on this machine or in its networks, and be fetched over plain HTTP: for tests and closed sites.</summary>
    public bool FetchFromPrivateHosts { get; init; }
}
