using Claimed.Components.Renditions;

namespace Claimed.Registry.Http;

/// <summary>The kinds of clients that read versions: told by what they ask for and how they name themselves, of which nothing is kept.</summary>
public static class ReadClient
{
    public const string Docker = "docker";

    /// <summary>All there are. A place in this list is how a tally counts.</summary>
    public static readonly IReadOnlyList<string> All = ["kfp", "elyra", "airflow", Docker, "browser", "api", "other"];

    private const int Kfp = 0;
    private const int Elyra = 1;
    private const int Airflow = 2;
    private const int Engine = 3;
    private const int Browser = 4;
    private const int Api = 5;
    private const int Other = 6;

    // A library that Elyra, Kubeflow and Airflow fetch with, and scripts too.
    private const int Python = -1;

    private const int MaxKnown = 256;
    private static readonly KnownAgent?[] Slots = new KnownAgent?[251];

    // Who calls itself so says what it is, whatever it asks for.
    private static readonly (string Word, int Client)[] Named =
        [("kfp", Kfp), ("elyra", Elyra), ("airflow", Airflow), ("docker", Engine), ("containerd", Engine), ("podman", Engine), ("skopeo", Engine), ("Mozilla/", Browser)];

    private static readonly string[] Tools =
        ["curl", "wget", "python", "go-http-client", "httpie", "node", "java", "okhttp", "postman", "aiohttp", "urllib", "pip/", "git/", "axios", "ruby", "powershell"];

    /// <summary>Whose way a path is; null when anyone goes there. Elyra, Kubeflow and Airflow fetch forms with a library that names only itself.</summary>
    internal static int? OfPath(string path)
    {
        if (path.StartsWith("/catalogs/kfp/", StringComparison.Ordinal))
            return Kfp;
        // Of the two others Elyra's connectors are the clients.
        if (path.StartsWith("/catalogs/elyra/", StringComparison.Ordinal) || path.StartsWith("/catalogs/artifactory/", StringComparison.Ordinal) || path.StartsWith("/apis/v1alpha1/", StringComparison.Ordinal))
            return Elyra;
        if (path.StartsWith("/catalogs/airflow/", StringComparison.Ordinal))
            return Airflow;
        return path[(path.LastIndexOf('/') + 1)..] switch
        {
            RenditionForm.Elyra => Elyra,
            RenditionForm.Operator => Airflow,
            RenditionForm.Component or RenditionForm.Original => Kfp,
            _ => null,
        };
    }

    /// <param name="agent">What the client calls itself.</param>
    /// <param name="ofPath">Whose way the path is.</param>
    internal static int Of(string? agent, int? ofPath)
    {
        if (string.IsNullOrEmpty(agent))
            return ofPath ?? Other;
        return KindOf(agent) switch
        {
            Python => ofPath ?? Api,
            Other => ofPath ?? Other,
            var kind => kind,
        };
    }

    /// <summary>The place in the list, or <see cref="Python"/>. The few names that come all the time are looked at once.</summary>
    private static int KindOf(string agent)
    {
        ref var slot = ref Slots[(agent.Length * 31 + agent[0] + agent[^1] * 7 + agent[agent.Length / 2] * 13) % Slots.Length];
        if (slot is { } known && known.Agent == agent)
            return known.Kind;
        var kind = Read(agent);
        if (agent.Length <= MaxKnown)
            slot = new KnownAgent(agent, kind);
        return kind;
    }

    private static int Read(string agent)
    {
        foreach (var (word, client) in Named)
        {
            if (agent.Contains(word, StringComparison.OrdinalIgnoreCase))
                return client;
        }
        if (agent.StartsWith("python", StringComparison.OrdinalIgnoreCase))
            return Python;
        return Array.Exists(Tools, tool => agent.Contains(tool, StringComparison.OrdinalIgnoreCase)) ? Api : Other;
    }

    private sealed record KnownAgent(string Agent, int Kind);
}
