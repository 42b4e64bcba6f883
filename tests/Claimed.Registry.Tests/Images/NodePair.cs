using Claimed.TestKit;
using Xunit;

namespace Claimed.Registry.Tests.Images;

/// <summary>Two nodes on one PostgreSQL and one blob store.</summary>
/// <param name="haveFolders">Whether each has a data folder of its own, so that all they share is database and bucket.</param>
public abstract class NodePair(bool haveFolders) : IAsyncLifetime
{
    private readonly string[] _data = [Directory.CreateTempSubdirectory("claimed-nodes-").FullName, Directory.CreateTempSubdirectory("claimed-nodes-").FullName];
    private Dictionary<string, string> _settings = [];
    private PostgresServer _server = null!;

    public RegistryHost First { get; private set; } = null!;

    public RegistryHost Second { get; private set; } = null!;

    public string FirstData => _data[0];

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync("fsync=off");
        _settings = new Dictionary<string, string>(await BlobSettingsAsync())
        {
            ["Database:Provider"] = "Postgres",
            ["Database:ConnectionString"] = await _server.CreateDatabaseAsync(),
            ["Images:UploadTurn"] = "00:00:00.5",
        };
        First = await RegistryHost.StartAsync(_settings, FirstData);
        // Keys are the operator's to share out; here they are what the first one made.
        if (haveFolders)
            _settings["Registry:KeysPath"] = Path.Combine(FirstData, "keys");
        Second = await RegistryHost.StartAsync(_settings, _data[haveFolders ? 1 : 0]);
    }

    public async Task RestartFirstAsync()
    {
        await First.DisposeAsync();
        First = await RegistryHost.StartAsync(_settings, FirstData);
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await _server.DisposeAsync();
        foreach (var folder in _data)
            Directory.Delete(folder, recursive: true);
    }

    protected abstract Task<IReadOnlyDictionary<string, string>> BlobSettingsAsync();
}

/// <summary>On one data folder.</summary>
public sealed class FolderNodes() : NodePair(haveFolders: false)
{
    protected override Task<IReadOnlyDictionary<string, string>> BlobSettingsAsync() =>
        Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string> { ["Blobs:Store"] = "Files" });
}

/// <summary>With nothing in common but PostgreSQL and a bucket.</summary>
public sealed class BucketNodes() : NodePair(haveFolders: true)
{
    /// <summary>Before each of their keys.</summary>
    public string Prefix { get; } = $"{Guid.CreateVersion7():N}/";

    protected override async Task<IReadOnlyDictionary<string, string>> BlobSettingsAsync() => (await TestBlobs.ServerAsync("s3rver")).Settings(Prefix);
}
