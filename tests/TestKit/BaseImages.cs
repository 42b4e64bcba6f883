namespace Claimed.TestKit;

/// <summary>The base images that <c>deploy/base-images.sh</c> makes from Debian packages and keeps in its cache.</summary>
public static class BaseImages
{
    public const string Python = "claimed/base-python:1";
    public const string Notebook = "claimed/base-notebook:1";
    public const string Shell = "claimed/base-shell:1";

    /// <summary>What the Python image has from Debian, so that builds need no package index.</summary>
    public static IReadOnlyList<string> Provided { get; } = ["pandas", "numpy", "matplotlib", "requests", "ipython", "nbformat"];

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
}
