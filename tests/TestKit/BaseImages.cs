using System.Formats.Tar;

namespace Claimed.TestKit;

/// <summary>The base images that <c>deploy/base-images.sh</c> makes from Debian packages and keeps in its cache.</summary>
public static class BaseImages
{
    public const string Python = "claimed/base-python:1";
    public const string Notebook = "claimed/base-notebook:1";
    public const string Shell = "claimed/base-shell:1";

    /// <summary>Everything that the starter set of the component library asks for.</summary>
    public const string Library = "claimed/base-library:1";

    /// <summary>A shell and its commands in two megabytes, for tests that need no more: each registry that they start gets all layers anew.</summary>
    public const string Busybox = "claimed/test-busybox:1";

    // Debian's busybox-static, which needs nothing beside it.
    private const string Program = "/bin/busybox";

    /// <summary>What the Python image has from Debian, so that builds need no package index.</summary>
    public static IReadOnlyList<string> Provided { get; } = ["pandas", "numpy", "matplotlib", "requests", "ipython", "nbformat"];

    /// <summary>What <see cref="Library"/> has beside.</summary>
    public static IReadOnlyList<string> LibraryProvided { get; } = [.. Provided, "scikit-learn", "joblib", "boto3", "psycopg2-binary", "paho-mqtt", "kubernetes"];

    /// <summary>Settings of a registry that builds the component library on <see cref="Library"/>.</summary>
    public static IReadOnlyDictionary<string, string> LibrarySettings { get; } = new Dictionary<string, string>(
        LibraryProvided.Select(name => KeyValuePair.Create($"Builds:Requirements:{name}", "provided")))
    {
        ["Builds:BaseImages:python"] = Library,
        ["Builds:BaseImages:notebook"] = Library,
    };

    /// <summary>Settings of a registry that builds on these images.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string>(
        Provided.Select(name => KeyValuePair.Create($"Builds:Requirements:{name}", "provided")))
    {
        ["Builds:BaseImages:python"] = Python,
        ["Builds:BaseImages:notebook"] = Notebook,
        ["Builds:BaseImages:shell"] = Shell,
    };

    /// <summary>Puts them into the engine; makes those that the cache does not have, which takes a minute or two each.</summary>
    /// <param name="kinds">Which; all of them when none is named.</param>
    public static async Task LoadAsync(string endpoint, params string[] kinds) => (await TestKit.Shell.RunAsync(
        "bash", [RepositoryFolder.Of("deploy/base-images.sh"), "--load", endpoint, .. kinds.Length > 0 ? kinds : ["python", "notebook", "shell"]],
        limit: TimeSpan.FromMinutes(15))).Succeeded();

    /// <summary>Makes <see cref="Busybox"/> in the engine.</summary>
    public static async Task ImportBusyboxAsync(string endpoint)
    {
        var archive = Path.GetTempFileName();
        try
        {
            await using (var tar = new TarWriter(File.Create(archive)))
            {
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.Directory, "bin/") { Mode = (UnixFileMode)0b111_101_101 });
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.Directory, "tmp/") { Mode = (UnixFileMode)0b1_111_111_111 });
                await using var program = File.OpenRead(Program);
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = (UnixFileMode)0b111_101_101, DataStream = program });
                foreach (var command in (await TestKit.Shell.RunAsync(Program, ["--list"])).Succeeded().Split('\n').Where(name => name != "busybox"))
                    await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.SymbolicLink, $"bin/{command}") { LinkName = "busybox" });
            }
            (await TestKit.Shell.RunAsync("docker", ["-H", endpoint, "import", "--change", "CMD [\"sh\"]", "--change", "ENV PATH=/bin", archive, Busybox])).Succeeded();
        }
        finally
        {
            File.Delete(archive);
        }
    }
}
