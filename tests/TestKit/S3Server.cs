using Amazon.Runtime;
using Amazon.S3;

namespace Claimed.TestKit;

/// <summary>A server of the S3 protocol on loopback, with the bucket <see cref="Bucket"/>: npm's s3rver, or Debian's Swift.</summary>
public sealed class S3Server : IAsyncDisposable
{
    public const string Bucket = "registry";

    private readonly PrivateServer _server;
    private readonly string _secretFile;

    private S3Server(PrivateServer server, string kind, int port)
    {
        var (key, secret) = kind == "swift" ? ("test:tester", "testing") : ("S3RVER", "S3RVER");
        _server = server;
        _secretFile = Path.Combine(Path.GetTempPath(), $"claimed-s3-secret-{port}");
        File.WriteAllText(_secretFile, secret + "\n");
        Port = port;
        AccessKey = key;
        Client = new AmazonS3Client(new BasicAWSCredentials(key, secret), new AmazonS3Config
        {
            ServiceURL = Address,
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
    }

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    public string AccessKey { get; }

    /// <summary>For looking behind the registry's back.</summary>
    public AmazonS3Client Client { get; }

    /// <param name="kind"><c>s3rver</c> or <c>swift</c>.</param>
    /// <param name="keptFolder">Of s3rver: a folder that stays at the end, for a server that comes back.</param>
    public static async Task<S3Server> StartAsync(string kind, int? port = null, string? keptFolder = null)
    {
        var chosen = port ?? FreePorts.Next(kind == "swift" ? 4 : 1);
        var folder = keptFolder ?? Directory.CreateTempSubdirectory($"claimed-{kind}-").FullName;
        return new S3Server(await PrivateServer.StartAsync($"private-{kind}.sh", [chosen.ToString(), folder, .. keptFolder is null ? Array.Empty<string>() : ["keep"]]), kind, chosen);
    }

    /// <summary>Settings of a registry whose blobs are here; registries with the same prefix have the same blobs.</summary>
    public Dictionary<string, string> Settings(string prefix) => new()
    {
        ["Blobs:Store"] = "S3",
        ["Blobs:S3:ServiceUrl"] = Address,
        ["Blobs:S3:Bucket"] = Bucket,
        ["Blobs:S3:Prefix"] = prefix,
        ["Blobs:S3:AccessKey"] = AccessKey,
        ["Blobs:S3:SecretKeyFile"] = _secretFile,
        ["Blobs:S3:ForcePathStyle"] = "true",
    };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        File.Delete(_secretFile);
    }
}
