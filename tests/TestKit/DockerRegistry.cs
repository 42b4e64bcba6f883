using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Claimed.TestKit;

/// <summary>A real docker-registry of this test run that shows itself to one account alone, by name and password.</summary>
public sealed class DockerRegistry : IAsyncDisposable
{
    public const string User = "puller";
    public const string Password = "pass:word of a t\u00e9st";

    // bcrypt of the password, the only hash that docker-registry knows; the fewest rounds that it takes.
    private const string Hash = "$2b$04$abcdefghijklmnopqrstuuVg1vG4rQOHX0buEsaIFRH7uekZjKfFG";

    private readonly PrivateServer _server;

    private DockerRegistry(PrivateServer server, int port)
    {
        _server = server;
        Authority = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        Client = new HttpClient { BaseAddress = new Uri($"http://{Authority}/") };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
    }

    /// <summary>As image references name it.</summary>
    public string Authority { get; }

    /// <summary>A client that sends the account.</summary>
    public HttpClient Client { get; }

    public static async Task<DockerRegistry> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("claimed-docker-registry-").FullName;
        var port = FreePorts.Next();
        return new DockerRegistry(await PrivateServer.StartAsync("private-docker-registry.sh", folder, port.ToString(CultureInfo.InvariantCulture), $"{User}:{Hash}"), port);
    }

    public ValueTask DisposeAsync()
    {
        Client.Dispose();
        return _server.DisposeAsync();
    }
}
