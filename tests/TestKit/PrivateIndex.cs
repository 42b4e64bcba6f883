using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Claimed.TestKit;

/// <summary>
/// The package servers of a closed network: HTTPS with a certificate that the site has signed itself, and a password. Pages of its index name
/// files with their whole address; one project's page is reached by a detour, as such servers do it.
/// </summary>
public sealed class PrivateIndex : IAsyncDisposable
{
    public const string User = "reader";
    public const string Password = "not-for-any-image-0815";
    public const string Authority = "Site of a closed network";

    private readonly WebApplication _app;
    private readonly string _folder = Directory.CreateTempSubdirectory("claimed-index-").FullName;
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    private PrivateIndex(WebApplication app) => _app = app;

    /// <summary><c>127.0.0.1:port</c>.</summary>
    public string Place => new Uri(_app.Urls.Single()).Authority;

    public string Address => $"https://{Place}/team/simple/";

    public string CaFile => Path.Combine(_folder, "ca.pem");

    public string CredentialsFile => Path.Combine(_folder, "credentials");

    /// <summary>What was asked for with the password, as <c>METHOD path</c>.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Settings of a registry of this site.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Builds:NetworkMode"] = "host",
        ["Builds:AllowHostNetwork"] = "true",
        ["Builds:Pip:IndexUrl"] = Address,
        ["Builds:Pip:Credentials"] = CredentialsFile,
        ["Builds:Apt:Mirror"] = $"https://{Place}/mirrors/apt",
        ["Builds:Cran:Mirror"] = $"https://{Place}/mirrors/cran/",
        ["Builds:CaBundle"] = CaFile,
    };

    /// <summary>Texts that nothing of a build may hold.</summary>
    public IReadOnlyList<string> Secrets =>
        [Password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")), Place, Authority, File.ReadAllLines(CaFile)[2]];

    public static async Task<PrivateIndex> StartAsync()
    {
        var (ca, own) = Certificates();
        using var root = ca;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, place => place.UseHttps(own)));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var index = new PrivateIndex(app);
        await File.WriteAllTextAsync(index.CaFile, root.ExportCertificatePem());
        await File.WriteAllTextAsync(index.CredentialsFile, $"{User}:{Password}\n");
        app.Run(index.AnswerAsync);
        await app.StartAsync();
        return index;
    }

    /// <summary>A wheel whose module <paramref name="name"/> prints a word when it is run.</summary>
    public static byte[] Wheel(string name, string version, string word)
    {
        var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            var info = $"{name}-{version}.dist-info";
            Add($"{name}.py", $"print('{word}')\n");
            Add($"{info}/METADATA", $"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
            Add($"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
            Add($"{info}/RECORD", $"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n");

            void Add(string path, string text)
            {
                using var entry = archive.CreateEntry(path).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }
        return buffer.ToArray();
    }

    public void AddWheel(string name, string version, string word) => _files[$"{name}-{version}-py3-none-any.whl"] = Wheel(name, version, word);

    /// <summary>Puts a file below <c>/mirrors/</c>, which asks for no password.</summary>
    public void AddMirrored(string path, string text) => _files["/mirrors/" + path] = Encoding.UTF8.GetBytes(text);

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (path.StartsWith("/mirrors/", StringComparison.Ordinal))
        {
            await SendAsync(context, path);
            return;
        }
        if (context.Request.Headers.Authorization != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")))
        {
            context.Response.StatusCode = 401;
            return;
        }
        Asked.Enqueue($"{context.Request.Method} {path}");
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is ["team", "simple", var project] && !path.EndsWith("/detour/", StringComparison.Ordinal))
        {
            context.Response.Redirect($"/team/pages/{project}/detour/");
        }
        else if (parts is ["team", "pages", var known, "detour"])
        {
            var wheels = _files.Keys.Where(file => file.StartsWith(known.Replace('-', '_') + "-", StringComparison.Ordinal)).ToList();
            if (wheels.Count == 0)
                context.Response.StatusCode = 404;
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync($"<!DOCTYPE html><html><body>{string.Concat(wheels.Select(file =>
                $"<a data-requires-python=\"&gt;=3\" href=\"https://{Place}/team/files/{file}#sha256={Convert.ToHexStringLower(SHA256.HashData(_files[file]))}\">{file}</a><br/>"))}</body></html>");
        }
        else if (parts is ["team", "files", var file])
        {
            await SendAsync(context, file);
        }
        else
        {
            context.Response.StatusCode = 404;
        }
    }

    private async Task SendAsync(HttpContext context, string name)
    {
        if (!_files.TryGetValue(name, out var bytes))
        {
            context.Response.StatusCode = 404;
            return;
        }
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
    }

    private static (X509Certificate2 Root, X509Certificate2 Own) Certificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest($"CN={Authority}", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=index", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var signed = request.Create(root, now.AddDays(-1), now.AddHours(23), RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return (root, X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
