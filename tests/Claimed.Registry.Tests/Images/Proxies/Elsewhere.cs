using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Claimed.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Claimed.Registry.Tests.Images.Proxies;

/// <summary>Another registry, whose requests are counted and can be made to go wrong, and a registry that stands for it in the namespace <c>hub</c>.</summary>
public sealed class Elsewhere : IAsyncLifetime
{
    private readonly ImageHost _other;
    private readonly ConcurrentQueue<string> _asked = new();
    private TcpProxy _line = null!;
    private volatile Func<HttpContext, Func<Task>, Task>? _spoils;
    private string _data = "";

    public Elsewhere() => _other = new ImageHost
    {
        Adjust = builder => builder.Services.AddSingleton<IStartupFilter>(new Watching(this)),
    };

    /// <summary>The registry elsewhere.</summary>
    public ImageHost Other => _other;

    public RegistryHost Host { get; private set; } = null!;

    /// <summary>The line to the registry elsewhere.</summary>
    public TcpProxy Line => _line;

    /// <summary>As image references name it.</summary>
    public string Authority => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_line.Port}");

    /// <summary>Method and path of every request that came elsewhere.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    public int CountOf(string method, string digest) => _asked.Count(line => line.StartsWith(method + " ", StringComparison.Ordinal) && line.EndsWith(digest, StringComparison.Ordinal));

    /// <summary>Stands in the way of requests elsewhere.</summary>
    public Func<HttpContext, Func<Task>, Task>? Spoils { set => _spoils = value; }

    public async ValueTask InitializeAsync()
    {
        await _other.InitializeAsync();
        _line = TcpProxy.To(_other.Registry.Address.Port);
        _data = Directory.CreateTempSubdirectory("claimed-proxy-").FullName;
        Host = await StartAsync();
    }

    /// <summary>Starts the registry anew, on the data that it has.</summary>
    public async Task RestartAsync()
    {
        await Host.DisposeAsync();
        Host = await StartAsync();
    }

    private async Task<RegistryHost> StartAsync()
    {
        var host = await RegistryHost.StartAsync(new Dictionary<string, string>
        {
            ["Images:AllowPrivateHosts"] = "false",
            ["Images:IdleTimeout"] = "00:00:05",
            ["Images:Proxies:0:Namespace"] = "hub",
            ["Images:Proxies:0:Upstream"] = Authority,
            ["Images:Proxies:0:MaxBytes"] = (64 << 20).ToString(CultureInfo.InvariantCulture),
            ["Images:Proxies:0:Recheck"] = "00:00:00",
        }, _data);
        await host.UntilAsync("/api/v1/namespaces/hub", answer => answer.Status == HttpStatusCode.OK);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _line.DisposeAsync();
        await _other.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private sealed class Watching(Elsewhere elsewhere) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, go) =>
            {
                elsewhere._asked.Enqueue($"{context.Request.Method} {context.Request.Path}");
                await (elsewhere._spoils is { } spoils && context.Request.Path.StartsWithSegments("/v2", StringComparison.Ordinal) ? spoils(context, () => go(context)) : go(context));
            });
            next(app);
        };
    }
}
