using System.Net;
using System.Text;
using Claimed.Registry.Mirrors;
using Claimed.Registry.Tests.Images;
using Claimed.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Mirrors;

/// <summary>A registry and another one that follows it, each with a database of its own. The origin's answers can be changed on their way.</summary>
public sealed class MirrorPair : IAsyncLifetime
{
    /// <summary>How the origin's images are named: by its default public host.</summary>
    public const string OriginHost = "localhost:8080";

    /// <summary>How those of the copy are.</summary>
    public const string CopyHost = "copy.example.org";

    private ImageHost _origin = null!;

    public IReadOnlyDictionary<string, string>? OriginSettings { get; init; }

    public Action<WebApplicationBuilder>? AdjustOrigin { get; init; }

    /// <summary>Pushes to the origin.</summary>
    public ImageHost Images => _origin;

    public RegistryHost Origin => _origin.Registry;

    public RegistryHost Copy { get; private set; } = null!;

    /// <summary>Changes what the origin answers: path and text, and the text that is sent instead.</summary>
    public Func<string, string, string>? Changes { get; set; }

    public async ValueTask InitializeAsync()
    {
        _origin = new ImageHost
        {
            Settings = OriginSettings,
            Adjust = builder =>
            {
                builder.Services.AddSingleton<IStartupFilter>(new Changing(this));
                AdjustOrigin?.Invoke(builder);
            },
        };
        await _origin.InitializeAsync();
        Copy = await StartCopyAsync();
    }

    /// <param name="settings">Beside where the origin is.</param>
    public Task<RegistryHost> StartCopyAsync(params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["Registry:PublicUrl"] = $"https://{CopyHost}", ["Mirror:From"] = Origin.Address.ToString() };
        foreach (var (name, value) in settings)
            all[name] = value;
        return RegistryHost.StartAsync(all);
    }

    public async ValueTask DisposeAsync()
    {
        await Copy.DisposeAsync();
        await _origin.DisposeAsync();
    }

    /// <summary>One run beside the copy.</summary>
    public Task<MirrorRun> OnceAsync() => OnceAsync(Copy);

    public static async Task<MirrorRun> OnceAsync(RegistryHost copy)
    {
        var (said, refused) = (new List<string>(), new List<string>());
        var report = new MirrorReport(said.Add, refused.Add, TimeProvider.System);
        Assert.True(await copy.Services.GetRequiredService<Mirroring>().OnceAsync(report, TestContext.Current.CancellationToken));
        return new MirrorRun(report, said, refused);
    }

    /// <summary>Publishes a component that runs an image of the origin's own registry, pushed into the component's repository.</summary>
    public async Task<string> PublishWithImageAsync(string name, string version, string word, params (string Name, string Value)[] fields)
    {
        var digest = await _origin.PushImageAsync($"acme/{name}", $"base-{word}", $"layer {name} {word}");
        var upload = new Multipart().Source("component.yaml", Samples.ExistingImage(word, $"{OriginHost}/acme/{name}@{digest}"));
        foreach (var (field, value) in fields)
            upload.Field(field, value);
        var answer = await Origin.PublishAsync("acme", name, version, upload);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Text);
        return digest;
    }

    /// <summary>Every form of the origin's version is at the copy under its digest, byte for byte.</summary>
    public async Task AssertSameByDigestAsync(string component, string version)
    {
        var record = await Origin.Admin.SendAsync(HttpMethod.Get, $"/api/v1/components/{component}/record.json");
        var facts = record.Json.GetProperty("versions").EnumerateArray().Single(one => one.GetProperty("version").GetString() == version);
        var forms = facts.GetProperty("renditions").EnumerateArray().ToList();
        Assert.NotEmpty(forms);
        foreach (var form in forms)
        {
            var path = $"/api/v1/components/{component}/versions/{form.GetProperty("digest").GetString()}/{form.GetProperty("form").GetString()}";
            var (there, here) = (await Origin.Admin.SendAsync(HttpMethod.Get, path), await Copy.Admin.SendAsync(HttpMethod.Get, path));
            Assert.True(there.Status == HttpStatusCode.OK && here.Status == HttpStatusCode.OK, $"{path}: {here.Text}");
            Assert.Equal(there.Bytes, here.Bytes);
        }
        var bundle = $"/api/v1/components/{component}/versions/{version}/bundle";
        Assert.Equal((await Origin.Admin.SendAsync(HttpMethod.Get, bundle)).Bytes, (await Copy.Admin.SendAsync(HttpMethod.Get, bundle)).Bytes);
    }

    private sealed class Changing(MirrorPair pair) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, go) =>
            {
                if (pair.Changes is not { } changes)
                {
                    await go(context);
                    return;
                }
                var target = context.Response.Body;
                using var whole = new MemoryStream();
                context.Response.Body = whole;
                await go(context);
                context.Response.Body = target;
                // Bytes that are no text come through as they are.
                var text = Encoding.Latin1.GetString(whole.ToArray());
                var bytes = Encoding.Latin1.GetBytes(changes(context.Request.Path.Value!, text));
                context.Response.ContentLength = bytes.Length;
                await target.WriteAsync(bytes);
            });
            next(app);
        };
    }
}

/// <summary>What a run said.</summary>
public sealed record MirrorRun(MirrorReport Report, IReadOnlyList<string> Said, IReadOnlyList<string> Refused)
{
    /// <summary>Versions copied, changes followed, refusals.</summary>
    public (int Copied, int Changed, int Refused) Counts => (Report.Copied, Report.Changed, Report.Refused);

    public void AssertDid(int copied, int changed, int refused = 0) => Assert.True(Counts == (copied, changed, refused), $"{Counts}\n{string.Join('\n', Said)}\n{string.Join('\n', Refused)}");
}
